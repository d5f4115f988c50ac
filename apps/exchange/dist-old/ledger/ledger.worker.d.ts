import { type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { LedgerMetrics } from '../operations/ledger-metrics';
import { LedgerWriter } from './ledger-writer';
/** Reads `bus.events` into the ledger. Offsets are the database's, so a batch is written exactly once. */
export declare class LedgerWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly config;
    private readonly writer;
    private readonly metrics;
    private readonly logger;
    private reader;
    constructor(config: AppConfig, writer: LedgerWriter, metrics: LedgerMetrics, logger: Logger);
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): Promise<void>;
    start(): Promise<void>;
    /** Waits for the batch that is being written. */
    stop(): Promise<void>;
}
//# sourceMappingURL=ledger.worker.d.ts.map