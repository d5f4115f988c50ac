import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far the cases of one agreement have been taken in. */
@Entity('intakes')
export class Intake {
  @PrimaryColumn('uuid', { name: 'agreement_id' }) agreementId: string;
  @Column('uuid', { name: 'subscription_id', nullable: true }) subscriptionId: string | null;
  /** The exchange's cursor behind the last page that was written. */
  @Column('text', { nullable: true }) cursor: string | null;
  /** Problem code or kind of the last failure; null while all is well. */
  @Column('text', { name: 'last_error', nullable: true }) lastError: string | null;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}
