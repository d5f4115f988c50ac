import type { CaseMappingV1, DatasetRecordV1 } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Local copy of a dataset: what case intake needs of it. */
@Entity('datasets')
export class Dataset {
  @PrimaryColumn('text', { name: 'dataset_id' }) datasetId: string;
  @Column('text', { name: 'key_pointer' }) keyPointer: string;
  /** Null: its records are no cases. */
  @Column('jsonb', { name: 'case_mapping', nullable: true }) caseMapping: CaseMappingV1 | null;
  @Column('text') status: DatasetRecordV1['status'];
  @Column('integer') version: number;
}
