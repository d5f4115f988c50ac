import type { EntityManager } from 'typeorm';
export type LedgerRow = {
    position: number;
    recordedAt: Date;
    digest: string;
    data: string;
    /** `data` as a value, once somebody has parsed it; nobody changes it. */
    record?: unknown;
    /** Of a tombstone alone: the event that it removed, if there was one. */
    tombstone?: {
        removedData?: string;
    };
};
/** Events of a dataset, and how far its ledger was when they were looked for. */
export type LedgerChunk = {
    rows: LedgerRow[];
    head: number;
};
/**
 * The events behind `after` in their order: at most `limit`, and at most about 4 MiB, but always one if there is one.
 *
 * Shape: a chunk ends where its period ends. No rows: nothing behind `after` is kept up to `head`.
 */
export declare function readLedger(datasetId: string, after: number, limit: number, tx: EntityManager): Promise<LedgerChunk>;
/** One partition, by its key. */
export declare const readPeriodSql = "\n  SELECT position, recorded_at, schema_version, digest, data\n    FROM (SELECT position, recorded_at, schema_version, digest, data,\n                 sum(octet_length(data)) OVER (ORDER BY position) - octet_length(data) AS bytes_before\n            FROM (SELECT position, recorded_at, schema_version, digest, data FROM events\n                   WHERE dataset_id = $1 AND period = $2 AND position > $3 ORDER BY position LIMIT $4) chunk) sized\n   WHERE bytes_before < 4194304 ORDER BY position";
/** The first position that is kept of a dataset; undefined when there is none. */
export declare function firstKept(datasetId: string, tx: EntityManager): Promise<number | undefined>;
/** The first position up to `head` recorded at or after `time`; undefined when there is none. */
export declare function positionAt(datasetId: string, time: Date, head: number, tx: EntityManager): Promise<number | undefined>;
//# sourceMappingURL=ledger-reads.sql.d.ts.map