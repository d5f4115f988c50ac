import { Column, Entity, PrimaryColumn } from 'typeorm';

export const exportFormats = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof exportFormats)[number];
/** The latest record of each key, or the events between two positions. */
export const exportContents = ['latest', 'events'] as const;
export type ExportContent = (typeof exportContents)[number];
export const exportStatuses = ['queued', 'running', 'done', 'failed', 'stopped', 'expired'] as const;
export type ExportStatus = (typeof exportStatuses)[number];

// Counts and positions stay far below 2^53; PostgreSQL's bigint comes back as text.
const number = { from: Number, to: (value: number): number => value };
const nullable = {
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
  to: (value: number | null): number | null => value,
};

/** A file that is written page by page, each page together with the record of its disclosure. */
@Entity('exports')
export class ExportJob {
  @PrimaryColumn('uuid', { name: 'export_id' }) exportId: string;
  @Column('uuid', { name: 'agreement_id' }) agreementId: string;
  /** The terms that the whole file is made under. */
  @Column('integer', { name: 'agreement_version' }) agreementVersion: number;
  @Column('text', { name: 'dataset_id' }) datasetId: string;
  @Column('text', { name: 'consumer_department' }) consumerDepartment: string;
  /** The principal that asked for it; the worker reads in its name. */
  @Column('text') owner: string;
  @Column('text') purpose: string;
  @Column('text', { name: 'case_reference', nullable: true }) caseReference: string | null;
  @Column('text') format: ExportFormat;
  @Column('text') content: ExportContent;
  /** The granted pointers; those of a CSV file are its columns. */
  @Column('jsonb') fields: string[];
  @Column('bigint', { name: 'from_position', transformer: number }) fromPosition: number;
  /** The last position that may be in it; for the latest records, the head when it was asked for. */
  @Column('bigint', { name: 'to_position', transformer: number }) toPosition: number;
  /** Rows to look at, as counted when it was asked for; nobody is told (`shareOf`). */
  @Column('bigint', { name: 'rows_total', transformer: number }) rowsTotal: number;
  @Column('text') status: ExportStatus;
  @Column('text', { nullable: true }) reason: string | null;
  /** How far the ledger was read. */
  @Column('bigint', { name: 'through_position', transformer: number }) throughPosition: number;
  /** How far the latest records were read. */
  @Column('text', { name: 'after_key', nullable: true }) afterKey: string | null;
  /** Whether the last page is written. */
  @Column('boolean', { name: 'is_read' }) isRead: boolean;
  @Column('bigint', { name: 'rows_done', transformer: number }) rowsDone: number;
  @Column('bigint', { transformer: number }) records: number;
  @Column('bigint', { transformer: number }) bytes: number;
  @Column('integer') chunks: number;
  @Column('bigint', { name: 'first_position', nullable: true, transformer: nullable }) firstPosition: number | null;
  @Column('bigint', { name: 'last_position', nullable: true, transformer: nullable }) lastPosition: number | null;
  @Column('timestamptz', { name: 'first_recorded_at', nullable: true }) firstRecordedAt: Date | null;
  @Column('timestamptz', { name: 'last_recorded_at', nullable: true }) lastRecordedAt: Date | null;
  /** Of the whole file, hex. */
  @Column('text', { nullable: true }) sha256: string | null;
  /** Turns that failed for a reason that may pass. */
  @Column('integer') attempts: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt: Date | null;
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt: Date | null;
}
