import type { CaseMappingV1, FieldV1, SharingAttribute } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A dataset of the catalog. INVARIANT: its id, key and responsible department never change. */
@Entity('datasets')
export class Dataset {
  @PrimaryColumn('text', { name: 'dataset_id' }) datasetId: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('text', { name: 'responsible_department' }) responsibleDepartment: string;
  @Column('jsonb') publishers: string[];
  @Column('text', { name: 'sharing_attribute' }) sharingAttribute: SharingAttribute;
  @Column('text', { name: 'legal_basis' }) legalBasis: string;
  @Column('text', { name: 'key_pointer' }) keyPointer: string;
  @Column('text', { name: 'data_subject_pointer', nullable: true }) dataSubjectPointer: string | null;
  @Column('jsonb') fields: FieldV1[];
  @Column('jsonb', { name: 'case_mapping', nullable: true }) caseMapping: CaseMappingV1 | null;
  /** Days after which events may be removed from the ledger; without it they stay. */
  @Column('integer', { name: 'retention_days', nullable: true }) retentionDays: number | null;
  /** While it is true nothing of the dataset is removed. */
  @Column('boolean', { name: 'legal_hold' }) legalHold: boolean;
  @Column('text') status: 'active' | 'retired';
  @Column('integer') version: number;
}

/** One version of a dataset's JSON Schema. INVARIANT: never changed once it is there. */
@Entity('schema_versions')
export class SchemaVersion {
  @PrimaryColumn('text', { name: 'dataset_id' }) datasetId: string;
  @PrimaryColumn('integer', { name: 'schema_version' }) schemaVersion: number;
  @Column('jsonb') schema: Record<string, unknown>;
}
