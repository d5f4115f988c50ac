import { Readable } from 'node:stream';
import { Audit, type Caller, Changes, Clock } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Disclosures } from '../delivery/disclosure';
import { Keys } from '../delivery/keys';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import { ExportJob } from './export-job.entity';
import type { LinkQuery } from './exports.dto';
/** A file whose handing out is recorded. */
export type ExportFile = {
    job: ExportJob;
    content: Readable;
};
/** Hands out finished files chunk by chunk, each decided anew; a change of the agreement cuts off what is on its way. */
export declare class ExportFiles implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly db;
    private readonly changes;
    private readonly disclosures;
    private readonly decisions;
    private readonly keys;
    private readonly audit;
    private readonly clock;
    private readonly running;
    constructor(db: DataSource, changes: Changes, disclosures: Disclosures, decisions: ReceiveDecisions, keys: Keys, audit: Audit, clock: Clock);
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): void;
    /**
     * The file for a caller of its department.
     *
     * Errors: `NotFound` `export.unknown`; `Forbidden` `decision.denied`; `Conflict` `export.not-done`,
     *   `export.stopped`, `export.expired`; `Unavailable` `export.busy`.
     */
    open(exportId: string, caller: Caller): Promise<ExportFile>;
    /** The file for whoever has a link to it, in the name of its owner. Errors: `Forbidden` `link.invalid`, and as `open`. */
    openByLink(exportId: string, { expires, signature }: LinkQuery): Promise<ExportFile>;
    private begin;
    private chunks;
    private requireFile;
    private requireRoom;
    private record;
    private cut;
}
//# sourceMappingURL=export-files.d.ts.map