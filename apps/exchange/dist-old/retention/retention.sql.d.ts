import type { EntityManager } from 'typeorm';
import { type Kept } from './retention.rules';
export type DueDataset = {
    datasetId: string;
    retentionDays: number;
    version: number;
};
export type Removed = {
    datasetId: string;
    first: number;
    last: number;
    records: number;
};
/** Datasets whose retention was not looked at since `since`, or that changed since then. */
export declare function dueDatasets(since: Date, tx: EntityManager): Promise<DueDataset[]>;
export declare function noteExamined({ datasetId, version }: DueDataset, at: Date, tx: EntityManager): Promise<void>;
/** Whether the dataset still has this retention and no hold; neither can change until `tx` ends. */
export declare function holdsStill({ datasetId, retentionDays }: DueDataset, tx: EntityManager): Promise<boolean>;
/** The periods of a dataset that began before `cutoff`, the oldest first. */
export declare function periodsBefore(datasetId: string, cutoff: Date, tx: EntityManager): Promise<string[]>;
type Batch = {
    datasetId: string;
    period: string;
    after: number;
    cutoff: Date;
    limit: number;
};
/**
 * Looks at the next events of a period and removes those recorded before `cutoff`. The latest record of a key stays, and
 * what a tombstone removed stays as long as the tombstone. Answers what went, and how far it looked; undefined at the end.
 */
export declare function removeBatch({ datasetId, period, after, cutoff, limit }: Batch, tx: EntityManager): Promise<{
    through: number;
    removed: Removed | undefined;
} | undefined>;
export declare function countRemoved({ datasetId, records }: Removed, tx: EntityManager): Promise<void>;
/** Forgets that a dataset has the period, if nothing of it is left there; should it store in it again, it begins anew. */
export declare function closePeriod(datasetId: string, period: string, tx: EntityManager): Promise<void>;
/** Conflicting events are no part of the ledger and have no position. */
export declare function removeConflicts(datasetId: string, cutoff: Date, tx: EntityManager): Promise<void>;
/** The periods that have a partition, the oldest first. */
export declare function partitionedPeriods(tx: EntityManager): Promise<string[]>;
/** What retention asks of the datasets that have events in a period; none of it can change until `tx` ends. */
export declare function keptIn(period: string, tx: EntityManager): Promise<(Kept & {
    datasetId: string;
})[]>;
/** Whether a period holds anything that stays: of a dataset that is not known, a latest record, or a removed one. */
export declare function hasSurvivors(period: string, datasetIds: string[], tx: EntityManager): Promise<boolean>;
/** Drops the partition of a period; answers what was in it. Waits half a second for its turn, and then throws. */
export declare function dropPeriod(period: string, tx: EntityManager): Promise<Removed[]>;
/** Forgets ids whose time is over, at most `limit`; answers how many. */
export declare function forgetIds(now: Date, limit: number, tx: EntityManager): Promise<number>;
export {};
//# sourceMappingURL=retention.sql.d.ts.map