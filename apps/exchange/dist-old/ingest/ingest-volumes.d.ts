import { Clock, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
/**
 * Bytes that each system has published today (UTC), over all processes: counted here, added up in PostgreSQL each second.
 * Approximate: a process learns of the others a second late, and after `kill -9` a second is missing.
 */
export declare class IngestVolumes implements BeforeApplicationShutdown {
    private readonly db;
    private readonly clock;
    private readonly logger;
    private readonly volumes;
    private timer;
    private writing;
    constructor(db: DataSource, clock: Clock, logger: Logger);
    /** Counts `bytes` of a system. */
    add(systemId: string, bytes: number): void;
    /** Bytes of a system today, as far as this process knows. */
    today(systemId: string): number;
    beforeApplicationShutdown(): Promise<void>;
    private volumeOf;
    private write;
    private writeAll;
}
//# sourceMappingURL=ingest-volumes.d.ts.map