import { type DeliveryMode } from '@govbus/contracts';
import type { Changes, Clock, Logger } from '@govbus/platform';
import type { DataSource } from 'typeorm';
type Leasing = {
    mode: DeliveryMode;
    /** Most deliveries of this process at once. */
    maxAtOnce: number;
    /** Delivers one leased subscription until `stop` or `isStopping` says so, or nothing is left. */
    run: (owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean) => Promise<void>;
};
/**
 * Leases the subscriptions of one mode and delivers each on its own (P6). Woken when the ledger grows, and every 250 ms
 * for retries that are due and for what another process left behind.
 */
export declare class LeaseLoop {
    private readonly db;
    private readonly clock;
    private readonly logger;
    private readonly options;
    private readonly owner;
    private readonly running;
    private timer;
    private leasing;
    private isStopping;
    constructor(db: DataSource, clock: Clock, logger: Logger, options: Leasing);
    start(changes: Changes): Promise<void>;
    /** Leases nothing more, and ends when what is running has ended and its leases are given back. */
    stop(): Promise<void>;
    /**
     * Runs one delivery that was asked for; it is cut off like the others when the agreement changes (P5).
     *
     * Errors: `Unavailable` `delivery.stopping` when the process is about to end.
     */
    cutOff<T>(agreementId: string, run: (stop: AbortSignal) => Promise<T>): Promise<T>;
    wake(): void;
    private cut;
    private leaseDue;
    private begin;
}
export {};
//# sourceMappingURL=lease-loop.d.ts.map