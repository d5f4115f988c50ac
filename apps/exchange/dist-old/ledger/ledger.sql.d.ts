import type { EntityManager } from 'typeorm';
import type { LedgerEvent } from './bus-message';
import { type LedgerOrigin } from './ledger-origin';
import { type KnownId, type PlacedEvent, type Removal } from './ledger.rules';
/**
 * Locks the offset rows of partitions, in their order, and answers them: one writer of a partition at a time, and no
 * message twice.
 */
export declare function lockOffsets(topic: string, partitions: number[], origin: LedgerOrigin, tx: EntityManager): Promise<Map<number, bigint>>;
export declare function moveOffsets(topic: string, next: Map<number, bigint>, tx: EntityManager): Promise<void>;
/** How far each dataset is: its last position, and the period that holds it. */
export type Heads = {
    positions: Map<string, number>;
    periods: Map<string, string | null>;
};
/** Locks the heads of the datasets, in the order of their ids so that two writers cannot wait for each other. */
export declare function lockHeads(datasetIds: string[], tx: EntityManager): Promise<Heads>;
/** Datasets whose first event of a period is at the given position; once in a month for each. */
export declare function beginPeriod(period: string, firsts: Map<string, number>, tx: EntityManager): Promise<void>;
export declare function knownIds(events: LedgerEvent[], tx: EntityManager): Promise<KnownId[]>;
export declare function insertEvents(events: PlacedEvent[], keys: (string | null)[], period: string, tx: EntityManager): Promise<void>;
/**
 * Takes removed records from the latest ones, and keeps what each tombstone removed; answers how many records of each
 * dataset were there.
 */
export declare function removeLatest(removals: Removal[], tx: EntityManager): Promise<Map<string, number>>;
/** Points each record key at its newest position, those of tombstones excepted; answers how many keys of each dataset are new. */
export declare function upsertLatest(events: PlacedEvent[], keys: (string | null)[], tx: EntityManager): Promise<Map<string, number>>;
/** Keeps conflicting events; answers how many of each dataset were not known before. */
export declare function insertConflicts(conflicts: LedgerEvent[], tx: EntityManager): Promise<Map<string, number>>;
export declare function moveHeads(heads: Map<string, number>, records: Map<string, number>, conflicts: Map<string, number>, removed: Map<string, number>, tx: EntityManager): Promise<void>;
export type ParkedRow = {
    offset: bigint;
    key: Buffer | null;
    value: Buffer | null;
    reason: string;
};
export declare function parkUnreadable(topic: string, partition: number, rows: ParkedRow[], at: Date, tx: EntityManager): Promise<void>;
//# sourceMappingURL=ledger.sql.d.ts.map