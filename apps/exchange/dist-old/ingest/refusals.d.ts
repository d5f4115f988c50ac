import { Audit, type Logger, type NewAuditEntry } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { ExchangeMetrics } from '../operations/exchange-metrics';
/**
 * Records refusals before they are answered (P2). Those that come together share one transaction, so a flood costs a
 * row each, not a commit each.
 */
export declare class Refusals {
    private readonly db;
    private readonly audit;
    private readonly metrics;
    private readonly logger;
    private waiting;
    private isWriting;
    constructor(db: DataSource, audit: Audit, metrics: ExchangeMetrics, logger: Logger);
    /** Resolves once `entries` are committed; `Unavailable` `audit.busy` when they cannot be. */
    record(entries: NewAuditEntry[]): Promise<void>;
    private write;
}
//# sourceMappingURL=refusals.d.ts.map