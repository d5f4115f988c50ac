import { type BatchReader } from '@govbus/messaging';
import { Metrics, Readiness } from '@govbus/platform';
import { DataSource } from 'typeorm';
/** What the ledger's reader tells of itself. */
export declare class LedgerMetrics {
    private readonly metrics;
    private readonly readiness;
    private readonly db;
    private readonly messages;
    private readonly seconds;
    private reader;
    constructor(metrics: Metrics, readiness: Readiness, db: DataSource);
    /** From now on this is the reader. The process is ready when it belongs to the group. */
    follow(reader: BatchReader): void;
    /** Writes one batch, measured. */
    batch(parts: {
        messages: readonly unknown[];
    }[], write: () => Promise<void>): Promise<void>;
    private tellLag;
    private tellUnreadable;
}
//# sourceMappingURL=ledger-metrics.d.ts.map