import type { RawMessage } from '@govbus/messaging';
import { Audit, Clock, type Logger, Principals } from '@govbus/platform';
import { DataSource, type EntityManager } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import type { Part } from './gathering';
import { LedgerOrigin } from './ledger-origin';
import { LedgerPeriods } from './ledger-periods';
/** Channel on which every process hears that a dataset has new events. */
export declare const LEDGER_GREW = "ledger";
/** Writes batches of `bus.events` into the ledger, each in one transaction with its consumed offset. */
export declare class LedgerWriter {
    private readonly db;
    private readonly datasets;
    private readonly periods;
    private readonly principals;
    private readonly audit;
    private readonly clock;
    private readonly logger;
    private readonly origin;
    constructor(db: DataSource, datasets: Datasets, periods: LedgerPeriods, principals: Principals, audit: Audit, clock: Clock, logger: Logger, origin: LedgerOrigin);
    /** The next offset to read of a partition; undefined when none was read yet. */
    nextOffset(topic: string, partition: number): Promise<bigint | undefined>;
    /** Writes `messages` of one partition, as `writeAll` does. */
    write(topic: string, partition: number, messages: RawMessage[]): Promise<void>;
    /**
     * Writes parts of different partitions, each in its order. May run twice: what lies below the stored offset is skipped.
     * What PostgreSQL refuses as data is halved until the one message is found and parked, so that nothing behind waits.
     */
    writeAll(topic: string, parts: Part[]): Promise<void>;
    /**
     * Stores one message that was parked, behind what is there by now; nothing happens if its event is known.
     *
     * Errors: `Unreadable` when it still is no event; those of PostgreSQL.
     */
    writeParked(message: RawMessage, tx: EntityManager): Promise<void>;
    private writeBatch;
    private append;
    private keyOf;
    private entryOf;
    private park;
}
export declare const isBadData: (error: unknown) => boolean;
//# sourceMappingURL=ledger-writer.d.ts.map