import {
  agreementStatuses,
  type AgreementStatus,
  IsDepartmentCode,
  IsNested,
  IsSlug,
  TermsV1,
} from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import type { Agreement } from './agreement.entity';

export class AgreementOrder {
  @IsSlug() datasetId: string;
  @IsDepartmentCode() consumerDepartment: string;
  @IsNested(() => TermsV1) terms: TermsV1;
}

/** Why; it stands in the audit log. */
export class MoveOrder {
  @IsOptional() @IsString() @MinLength(1) @MaxLength(500) reason?: string;
}

export class AgreementsQuery extends PageQuery {
  @IsOptional() @IsSlug() datasetId?: string;
  @IsOptional() @IsDepartmentCode() consumerDepartment?: string;
  @IsOptional() @IsIn(agreementStatuses) status?: AgreementStatus;
}

export class AgreementResponse {
  @ApiProperty() agreementId: string;
  @ApiProperty() datasetId: string;
  @ApiProperty() providerDepartment: string;
  @ApiProperty() consumerDepartment: string;
  @ApiProperty({ enum: agreementStatuses }) status: AgreementStatus;
  @ApiProperty({ type: TermsV1 }) terms: TermsV1;
  @ApiProperty() version: number;

  static from({ ...agreement }: Agreement): AgreementResponse {
    return agreement;
  }
}

export class AgreementPage {
  @ApiProperty({ type: [AgreementResponse] }) items: AgreementResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
