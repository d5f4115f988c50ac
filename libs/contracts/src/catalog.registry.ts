import { Allow, IsArray, IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, IsUUID, Min } from 'class-validator';
import { defineRecord } from './contract';
import { IsDepartmentCode, IsNames, IsNested, IsNestedList, IsPointer, IsSlug } from './identity';
import { TermsV1 } from './terms';

export const sharingAttributes = ['unconditional', 'conditional', 'not-shared'] as const;
export type SharingAttribute = (typeof sharingAttributes)[number];
export const classifications = ['public', 'internal', 'personal', 'sensitive'] as const;
export type Classification = (typeof classifications)[number];
export const agreementStatuses = ['draft', 'approved', 'in-force', 'suspended', 'revoked'] as const;
export type AgreementStatus = (typeof agreementStatuses)[number];

export class FieldV1 {
  @IsPointer() pointer: string;
  @IsIn(classifications) classification: Classification;
}

export class SchemaVersionV1 {
  @IsInt() @Min(1) schemaVersion: number;
  /** JSON Schema draft 2020-12 of the event's `data`. */
  @Allow() @IsObject() schema: Record<string, unknown>;
}

/** Where case-routing finds what it needs in an event of a case dataset. */
export class CaseMappingV1 {
  @IsSlug() gridId: string;
  @IsPointer() category: string;
  @IsPointer() latitude: string;
  @IsPointer() longitude: string;
  @IsOptional() @IsPointer() occurredAt?: string;
  @IsOptional() @IsPointer() summary?: string;
}

/** A dataset of the catalog, with every schema version that events may still use. */
export class DatasetRecordV1 {
  @IsSlug() datasetId: string;
  @IsNames() names: Record<string, string>;
  @IsDepartmentCode() responsibleDepartment: string;
  /** Systems of other departments that may publish; those of the responsible department always may. */
  @IsArray() @IsSlug(true) publishers: string[];
  @IsIn(sharingAttributes) sharingAttribute: SharingAttribute;
  @IsString() legalBasis: string;
  @IsPointer() keyPointer: string;
  @IsOptional() @IsPointer() dataSubjectPointer?: string;
  @IsNestedList(() => FieldV1) fields: FieldV1[];
  @IsNestedList(() => SchemaVersionV1) schemas: SchemaVersionV1[];
  @IsOptional() @IsNested(() => CaseMappingV1) caseMapping?: CaseMappingV1;
  /** Days after which events may be removed from the ledger; without it they stay. The latest records stay always. */
  @IsOptional() @IsInt() @Min(1) retentionDays?: number;
  /** While it is true nothing of the dataset is removed, whatever its retention says. */
  @IsOptional() @IsBoolean() legalHold?: boolean;
  @IsIn(['active', 'retired']) status: 'active' | 'retired';
  @IsInt() @Min(1) version: number;
}

/** An agreement: one consumer department may use one dataset under `terms` while it is `in-force`. */
export class AgreementRecordV1 {
  @IsUUID() agreementId: string;
  @IsSlug() datasetId: string;
  @IsDepartmentCode() providerDepartment: string;
  @IsDepartmentCode() consumerDepartment: string;
  @IsIn(agreementStatuses) status: AgreementStatus;
  @IsNested(() => TermsV1) terms: TermsV1;
  @IsInt() @Min(1) version: number;
}

export const DatasetRecord = defineRecord<DatasetRecordV1>('catalog.dataset.v1', {
  topic: 'catalog.registry',
  data: DatasetRecordV1,
  key: (d) => `dataset:${d.datasetId}`,
});
export const AgreementRecord = defineRecord<AgreementRecordV1>('catalog.agreement.v1', {
  topic: 'catalog.registry',
  data: AgreementRecordV1,
  key: (d) => `agreement:${d.agreementId}`,
});
