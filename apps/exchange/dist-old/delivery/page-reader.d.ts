import type { DeliveredEvent } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import type { DatasetCopy } from '../datasets/dataset.entity';
import type { LedgerRow, readLedger } from '../ledger/ledger-reads.sql';
import type { Lens } from './lenses';
/** What is read from: a dataset, as an agreement shows it. */
export type Source = {
    agreement: AgreementCopy;
    dataset: DatasetCopy | null;
    lens: Lens;
    /** Most records that the agreement still allows; without it, as many as are asked for. */
    mostRecords?: number;
};
export type Matched = {
    row: LedgerRow;
    event: DeliveredEvent;
    subject?: string;
    /** The record's own key, whether or not the agreement shows it. */
    key?: string;
};
type Bounds = {
    limit: number;
    maxBytes?: number;
    /** Asked of what the lens left, so that it tells nothing that the page would not show. */
    isWanted?: (event: DeliveredEvent) => boolean;
};
export type LedgerPage = {
    matched: Matched[];
    through: number;
    looked: number;
    /** How far the ledger was when its end was last looked at. */
    head: number;
};
/** Where chunks of the ledger come from: the table, or blocks of it that are kept. */
export type LedgerReader = typeof readLedger;
export type LatestPage = {
    matched: Matched[];
    afterKey?: string;
    looked: number;
};
/**
 * The granted events behind `after`, up to `until`, in their order.
 *
 * INVARIANT: `through` passes over what retention removed, so that nobody waits for what will not come.
 */
export declare function readPage(source: Source, request: Bounds & {
    after: number;
    until?: number;
}, read: LedgerReader, tx: EntityManager): Promise<LedgerPage>;
/**
 * The granted latest records behind a key, in the order of their keys. `afterKey` is where the next page begins; absent
 * when there is none.
 *
 * A page looks at 5,000 records or 64 MiB at most, each by its place in the index of `events`, whatever `isWanted` asks:
 * no index over fields would serve every lens, and each would cost the ledger's writer.
 */
export declare function readLatestPage(source: Source, request: Bounds & {
    afterKey?: string;
}, tx: EntityManager): Promise<LatestPage>;
/** One row as the lens shows it; undefined when the agreement does not give it. */
export declare function matchOf(source: Source, row: LedgerRow): Matched | undefined;
export {};
//# sourceMappingURL=page-reader.d.ts.map