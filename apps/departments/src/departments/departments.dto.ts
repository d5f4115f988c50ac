import { IsDepartmentCode, IsNames, registryStatuses, type RegistryStatus } from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import type { Department } from './department.entity';

/** Names by language, in the OpenAPI document. */
export const namesProperty = {
  type: 'object' as const,
  additionalProperties: { type: 'string' as const },
  example: { en: 'Water Authority', zh: '水务局' },
};

export class DepartmentOrder {
  @IsDepartmentCode() departmentCode: string;
  @ApiProperty(namesProperty) @IsNames() names: Record<string, string>;
}

/** Why something is suspended or resumed; it stands in the audit log. */
export class StatusOrder {
  @IsString() @MinLength(1) @MaxLength(500) reason: string;
}

export class DepartmentsQuery extends PageQuery {
  @IsOptional() @IsIn(registryStatuses) status?: RegistryStatus;
}

export class DepartmentResponse {
  @ApiProperty() departmentCode: string;
  @ApiProperty(namesProperty) names: Record<string, string>;
  @ApiProperty({ enum: registryStatuses }) status: RegistryStatus;
  @ApiProperty() version: number;

  static from({ departmentCode, names, status, version }: Department): DepartmentResponse {
    return { departmentCode, names, status, version };
  }
}

export class DepartmentPage {
  @ApiProperty({ type: [DepartmentResponse] }) items: DepartmentResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
