import {
  CaseMappingV1,
  FieldV1,
  IsDepartmentCode,
  IsNames,
  IsNested,
  IsNestedList,
  IsPointer,
  IsSlug,
  sharingAttributes,
  type SharingAttribute,
} from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import type { Dataset, SchemaVersion } from './dataset.entity';

const anyObject = { type: 'object' as const, additionalProperties: true };
const statuses = ['active', 'retired'] as const;
/** A hundred years: more is no retention. */
const maxRetentionDays = 36_525;
const RetentionDays = () =>
  applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: maxRetentionDays }),
    IsOptional(),
    IsInt(),
    Min(1),
    Max(maxRetentionDays),
  );

export class DatasetOrder {
  @IsSlug() datasetId: string;
  @IsNames() names: Record<string, string>;
  @IsDepartmentCode() responsibleDepartment: string;
  @IsArray() @ArrayMaxSize(200) @IsSlug(true) publishers: string[];
  @IsIn(sharingAttributes) sharingAttribute: SharingAttribute;
  @IsString() @MinLength(1) @MaxLength(500) legalBasis: string;
  @IsPointer() keyPointer: string;
  @IsOptional() @IsPointer() dataSubjectPointer?: string;
  @ArrayMinSize(1) @ArrayMaxSize(500) @IsNestedList(() => FieldV1) fields: FieldV1[];
  @IsOptional() @IsNested(() => CaseMappingV1) caseMapping?: CaseMappingV1;
  @RetentionDays() retentionDays?: number;
  @ApiProperty(anyObject) @Allow() @IsObject() schema: Record<string, unknown>;
}

/** What may change: what is absent stays; `null` clears the case mapping or the retention, and nothing else. */
export class DatasetChange {
  @IsOptional() @IsNames() names?: Record<string, string>;
  @IsOptional() @IsArray() @ArrayMaxSize(200) @IsSlug(true) publishers?: string[];
  @IsOptional() @IsString() @MinLength(1) @MaxLength(500) legalBasis?: string;
  @IsOptional() @IsIn(statuses) status?: 'active' | 'retired';
  @IsOptional() @IsNested(() => CaseMappingV1) caseMapping?: CaseMappingV1;
  @RetentionDays() retentionDays?: number | null;
}

/** Whether the dataset is under legal hold, and why that changes. */
export class LegalHoldOrder {
  @IsBoolean() legalHold: boolean;
  @IsString() @MinLength(1) @MaxLength(500) reason: string;
}

export class SchemaOrder {
  @ApiProperty(anyObject) @Allow() @IsObject() schema: Record<string, unknown>;
}

export class DatasetsQuery extends PageQuery {
  @IsOptional() @IsDepartmentCode() responsibleDepartment?: string;
}

export class SchemaResponse {
  @ApiProperty() datasetId: string;
  @ApiProperty() schemaVersion: number;
  @ApiProperty(anyObject) schema: Record<string, unknown>;

  static from({ datasetId, schemaVersion, schema }: SchemaVersion): SchemaResponse {
    return { datasetId, schemaVersion, schema };
  }
}

export class DatasetResponse {
  @ApiProperty() datasetId: string;
  @ApiProperty(anyObject) names: Record<string, string>;
  @ApiProperty() responsibleDepartment: string;
  @ApiProperty({ type: [String] }) publishers: string[];
  @ApiProperty({ enum: sharingAttributes }) sharingAttribute: SharingAttribute;
  @ApiProperty() legalBasis: string;
  @ApiProperty() keyPointer: string;
  @ApiProperty({ required: false }) dataSubjectPointer?: string;
  @ApiProperty({ type: [FieldV1] }) fields: FieldV1[];
  @ApiProperty({ type: CaseMappingV1, required: false }) caseMapping?: CaseMappingV1;
  @ApiProperty({ required: false, description: 'days after which events may be removed from the ledger' })
  retentionDays?: number;
  @ApiProperty({ description: 'while it is true nothing of the dataset is removed' }) legalHold: boolean;
  @ApiProperty({ enum: statuses }) status: 'active' | 'retired';
  @ApiProperty() version: number;

  static from(dataset: Dataset): DatasetResponse {
    const { dataSubjectPointer, caseMapping, retentionDays, ...rest } = dataset;
    return {
      ...rest,
      dataSubjectPointer: dataSubjectPointer ?? undefined,
      caseMapping: caseMapping ?? undefined,
      retentionDays: retentionDays ?? undefined,
    };
  }
}

export class DatasetPage {
  @ApiProperty({ type: [DatasetResponse] }) items: DatasetResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
