import { Audit, type Logger } from '@govbus/platform';
import { ModuleRef } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { LedgerWriter } from '../ledger/ledger-writer';
import { type LedgerTotals } from './ledger-rebuild.sql';
export type RebuildOptions = {
    /** Empties the ledger first; without it, what is missing behind the stored offsets is read. */
    wipe: boolean;
    /** Goes on although Kafka no longer holds all of what is missing. */
    acceptLoss: boolean;
    /** Told after each batch how many messages are done, of how many. */
    onProgress: (done: number, total: number) => void;
    signal?: AbortSignal;
};
export type Rebuilt = LedgerTotals & {
    inconsistent: string[];
};
/**
 * Writes the ledger again from `bus.events`, by the writer that wrote it first: the same order of messages gives each event
 * the position that it had. May be killed and run again; it goes on from the offsets that are stored with the events.
 */
export declare class LedgerRebuild {
    private readonly config;
    private readonly db;
    private readonly writer;
    private readonly modules;
    private readonly audit;
    private readonly logger;
    private readonly cluster;
    constructor(config: AppConfig, db: DataSource, writer: LedgerWriter, modules: ModuleRef, audit: Audit, logger: Logger);
    /**
     * Errors: `Conflict` `ledger.in-use` while a process writes the ledger or another rebuild runs; `Conflict`
     *   `ledger.incomplete` when Kafka has deleted messages that are missing, unless `acceptLoss`.
     */
    run(options: RebuildOptions): Promise<Rebuilt>;
    private rebuild;
    private startOf;
    private empty;
    private replay;
    private readRegistry;
    private apply;
}
//# sourceMappingURL=ledger-rebuild.d.ts.map