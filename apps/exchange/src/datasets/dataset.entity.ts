import type { SchemaVersionV1 } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Copy of what the exchange needs of a dataset of the data-catalog, kept by the topic `catalog.registry`. */
@Entity('datasets')
export class DatasetCopy {
  @PrimaryColumn('text', { name: 'dataset_id' }) datasetId: string;
  @Column('text', { name: 'responsible_department' }) responsibleDepartment: string;
  @Column('jsonb') publishers: string[];
  @Column('text', { name: 'key_pointer' }) keyPointer: string;
  @Column('text', { name: 'data_subject_pointer', nullable: true }) dataSubjectPointer: string | null;
  @Column('jsonb') schemas: SchemaVersionV1[];
  @Column('integer', { name: 'retention_days', nullable: true }) retentionDays: number | null;
  @Column('boolean', { name: 'legal_hold' }) legalHold: boolean;
  @Column('text') status: 'active' | 'retired';
  @Column('integer') version: number;
}
