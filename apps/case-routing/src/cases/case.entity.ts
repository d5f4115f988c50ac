import type { CaseStatus } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

// Positions are dense from 1: a JavaScript number holds them exactly.
const asNumber = { to: (value: number) => value, from: (value: string) => Number(value) };

/** A matter on its way through the seven stages. */
@Entity('cases')
export class CaseRecord {
  @PrimaryColumn('uuid', { name: 'case_id' }) caseId: string;
  @Column('text', { name: 'dataset_id' }) datasetId: string;
  @Column('bigint', { transformer: asNumber }) position: number;
  @Column('text', { name: 'record_key', nullable: true }) recordKey: string | null;
  @Column('text') category: string;
  @Column('text') status: CaseStatus;
  @Column('text', { name: 'grid_id' }) gridId: string;
  @Column('double precision', { nullable: true }) latitude: number | null;
  @Column('double precision', { nullable: true }) longitude: number | null;
  @Column('text', { name: 'cell_id', nullable: true }) cellId: string | null;
  @Column('text', { name: 'unit_id', nullable: true }) unitId: string | null;
  @Column('text', { nullable: true }) summary: string | null;
  @Column('timestamptz', { name: 'occurred_at', nullable: true }) occurredAt: Date | null;
  @Column('timestamptz', { name: 'opened_at' }) openedAt: Date;
  /** First dispatch: the citizen's clock starts here and is never reset. */
  @Column('timestamptz', { name: 'dispatched_at', nullable: true }) dispatchedAt: Date | null;
  /** End of the present unit's limit. */
  @Column('timestamptz', { name: 'due_at', nullable: true }) dueAt: Date | null;
  /** Returns that were granted. */
  @Column('integer') returns: number;
  /** INVARIANT: the number of its steps. */
  @Column('integer') version: number;
}

/** One step of a case, as it was taken: the history that is never changed. */
@Entity('case_steps')
export class CaseStep {
  @PrimaryColumn('uuid', { name: 'case_id' }) caseId: string;
  /** The case's version after this step, from 1. */
  @PrimaryColumn('integer') version: number;
  @Column('text') status: CaseStatus;
  @Column('timestamptz') at: Date;
  @Column('text', { name: 'actor_id' }) actorId: string;
  @Column('text', { name: 'cell_id', nullable: true }) cellId: string | null;
  @Column('text', { name: 'unit_id', nullable: true }) unitId: string | null;
  @Column('text', { nullable: true }) note: string | null;
}
