import type { LedgerEvent } from './bus-message';
/** Who already holds a `(source, id)`. */
export type KnownId = {
    source: string;
    eventId: string;
    digest: string;
};
export type PlacedEvent = LedgerEvent & {
    position: number;
};
/** What a batch does to the ledger. */
export type Placement = {
    placed: PlacedEvent[];
    conflicts: LedgerEvent[];
    heads: Map<string, number>;
};
/**
 * Gives each new event the next position of its dataset; the same event again is nothing, another event under the same
 * `(source, id)` is a conflict, and a conflict seen twice is one.
 *
 * INVARIANT: the positions of a dataset are dense: 1, 2, 3 …, in the order of the topic.
 */
export declare function place(events: LedgerEvent[], known: KnownId[], heads: ReadonlyMap<string, number>): Placement;
/** A tombstone, and what it removes: an event of the same batch, what the ledger holds as the latest, or nothing. */
export type Removal = {
    datasetId: string;
    key: string;
    position: number;
    removes: number | 'stored' | 'nothing';
};
/** What the tombstones of a batch remove; `keys` has the record key of each event. */
export declare function removalsOf(placed: PlacedEvent[], keys: (string | null)[]): Removal[];
/** Whether an event says that its record is removed. */
export declare const isTombstone: (event: LedgerEvent) => boolean;
/** The datasets that reach a period with these events, and their first position in it. */
export declare function firstsOf(placed: PlacedEvent[], period: string, reached: ReadonlyMap<string, string | null>): Map<string, number>;
/** What one publisher put into one dataset with a batch; positions between may belong to others. */
export type Publication = {
    datasetId: string;
    publisher: string;
    first: number;
    last: number;
    records: number;
    digest: string;
};
/** One publication for each dataset and publisher; its digest covers the events' digests in their order. */
export declare function publicationsOf(placed: PlacedEvent[]): Publication[];
/** SHA-256 over the digests in their order, hex. */
export declare const digestOf: (digests: string[]) => string;
//# sourceMappingURL=ledger.rules.d.ts.map