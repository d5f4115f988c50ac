import type { AgreementStatus, TermsV1 } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Copy of an agreement of the data-catalog, kept by the topic `catalog.registry`. */
@Entity('agreements')
export class AgreementCopy {
  @PrimaryColumn('uuid', { name: 'agreement_id' }) agreementId: string;
  @Column('text', { name: 'dataset_id' }) datasetId: string;
  @Column('text', { name: 'provider_department' }) providerDepartment: string;
  @Column('text', { name: 'consumer_department' }) consumerDepartment: string;
  @Column('text') status: AgreementStatus;
  @Column('jsonb') terms: TermsV1;
  /** Why the exchange itself holds it back; whatever newer version arrives takes the hold away. */
  @Column('text', { name: 'held_for', nullable: true }) heldFor: string | null;
  @Column('integer') version: number;
}
