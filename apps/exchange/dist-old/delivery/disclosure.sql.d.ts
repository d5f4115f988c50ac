import type { EntityManager } from 'typeorm';
import type { LedgerRow } from '../ledger/ledger-reads.sql';
export type LatestRow = LedgerRow & {
    key: string;
};
/** Exported for the spec that reads its plan. */
export declare const readLatestSql: string;
/**
 * The latest records behind a key, or from the first one on, in the order of their keys: at most `limit`, and at most
 * about 4 MiB, but always one if there is one.
 */
export declare function readLatest(datasetId: string, afterKey: string | undefined, limit: number, tx: EntityManager): Promise<{
    rows: LatestRow[];
    isLast: boolean;
}>;
/** The latest record under a key. */
export declare function readLatestByKey(datasetId: string, key: string, tx: EntityManager): Promise<LatestRow | undefined>;
/** How many keys a dataset has. */
export declare function countLatest(datasetId: string, tx: EntityManager): Promise<number>;
export declare function headOf(datasetId: string, tx: EntityManager): Promise<number>;
/** Remembers that a subscription was shown its dataset up to `through`; who confirms what arrived counts it. */
export declare function moveDisclosed(subscriptionId: string, through: number, tx: EntityManager): Promise<void>;
/** The same from behind `after` on where what is shown has arrived: of `positions` those count that never did. */
export declare function countDisclosed({ subscriptionId, after, through, positions }: Shown, tx: EntityManager): Promise<void>;
export type Shown = {
    subscriptionId: string;
    after: number;
    through: number;
    positions: number[];
};
export type DisclosureRow = {
    disclosureId: string;
    subscriptionId?: string;
    exportId?: string;
    agreementId: string;
    agreementVersion: number;
    purpose: string;
    mode: string;
    caseReference?: string;
    principal: string;
    first: number;
    last: number;
    records: number;
    at: Date;
};
export declare function insertDisclosure(row: DisclosureRow, tx: EntityManager): Promise<void>;
//# sourceMappingURL=disclosure.sql.d.ts.map