import type { AgreementStatus, TermsV1 } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one department may do with another's dataset. INVARIANT: its terms never change; a new one is made instead. */
@Entity('agreements')
export class Agreement {
  @PrimaryColumn('uuid', { name: 'agreement_id' }) agreementId: string;
  @Column('text', { name: 'dataset_id' }) datasetId: string;
  @Column('text', { name: 'provider_department' }) providerDepartment: string;
  @Column('text', { name: 'consumer_department' }) consumerDepartment: string;
  @Column('text') status: AgreementStatus;
  @Column('jsonb') terms: TermsV1;
  @Column('integer') version: number;
}
