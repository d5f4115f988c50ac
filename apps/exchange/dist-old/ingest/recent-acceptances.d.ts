import type { AcceptedEvent } from './acceptance';
/** An event that Kafka has acknowledged. */
export type Acknowledged = {
    source: string;
    id: string;
    datasetId: string;
    publisher: string;
    recordedAt: string;
};
/**
 * The events that this process accepted last, so that their status can be told before the ledger has them. A ring: an
 * entry costs some nanoseconds, a look-up goes through all.
 */
export declare class RecentAcceptances {
    private readonly ring;
    private next;
    /** Remembers an event that is on the bus. */
    note({ source, id, dataset: datasetId, publisher, recordedtime: recordedAt }: AcceptedEvent): void;
    /** Undefined when it is longer ago, or another process accepted it, or nobody. */
    find(source: string, id: string): Acknowledged | undefined;
}
//# sourceMappingURL=recent-acceptances.d.ts.map