import { Audit, Changes, Clock, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExportWriter } from './export-writer';
/**
 * Leases exports and has each written, and takes away the files that may no longer be had. Woken by a new export and by
 * every change of an agreement, and each second for what another process left behind.
 */
export declare class ExportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly db;
    private readonly changes;
    private readonly writer;
    private readonly audit;
    private readonly clock;
    private readonly logger;
    private readonly owner;
    private readonly running;
    private timer;
    private turn;
    private isAwake;
    private isStopping;
    constructor(db: DataSource, changes: Changes, writer: ExportWriter, audit: Audit, clock: Clock, logger: Logger);
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): Promise<void>;
    private wake;
    private takeTurns;
    private start;
    private endFiles;
}
//# sourceMappingURL=export.worker.d.ts.map