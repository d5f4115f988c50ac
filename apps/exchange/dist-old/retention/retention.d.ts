import { Audit, Clock, type Logger } from '@govbus/platform';
import { DataSource } from 'typeorm';
/**
 * Removes events whose time is over: whole months where nothing in them stays, else in bounded batches. The latest record
 * of each key stays, and everything of a dataset under legal hold. Each removal and its audit entry are one transaction.
 */
export declare class Retention {
    private readonly db;
    private readonly audit;
    private readonly clock;
    private readonly logger;
    constructor(db: DataSource, audit: Audit, clock: Clock, logger: Logger);
    /** One round over all datasets that are due; nothing when another process is at it. May end at any point and run again. */
    run(isStopping?: () => boolean): Promise<void>;
    private round;
    private drop;
    private removeFrom;
    private removeBatch;
    private record;
}
//# sourceMappingURL=retention.d.ts.map