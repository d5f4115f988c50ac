import { NotFound } from '@govbus/contracts';
import { Audit, type Caller, Clock, type PageQuery } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { Disclosures } from '../delivery/disclosure';
import { Keys } from '../delivery/keys';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import { Limits } from '../enforcement/limits';
import { OverScope } from '../enforcement/over-scope';
import { ExportJob } from './export-job.entity';
import { type CreateExportRequest, type ExportLinkResponse, ManifestResponse } from './exports.dto';
/** Channel on which every process hears that there is an export to write. */
export declare const EXPORTS_WANTED = "exports";
/** What departments ask of their exports. */
export declare class ExportsService {
    private readonly db;
    private readonly disclosures;
    private readonly decisions;
    private readonly limits;
    private readonly overScope;
    private readonly keys;
    private readonly audit;
    private readonly clock;
    private readonly config;
    constructor(db: DataSource, disclosures: Disclosures, decisions: ReceiveDecisions, limits: Limits, overScope: OverScope, keys: Keys, audit: Audit, clock: Clock, config: AppConfig);
    /**
     * A file that a worker will write.
     *
     * Errors: `Forbidden` `decision.denied`; `Invalid` `export.range`, `position.beyond-head`; `Conflict`
     *   `export.too-many`; `Limited` `agreement.limit-reached`.
     */
    create(order: CreateExportRequest, caller: Caller): Promise<ExportJob>;
    /** Of the caller's department, the oldest first; one more than the page holds. */
    list(query: PageQuery, caller: Caller): Promise<ExportJob[]>;
    /** Errors: `NotFound` `export.unknown`, also for one of another department. */
    get(exportId: string, caller: Caller): Promise<ExportJob>;
    /** Errors: as `get`, and `Conflict` `export.not-done` while there is no file that it could be about. */
    manifest(exportId: string, caller: Caller): Promise<ManifestResponse>;
    /** Ends it and deletes its file; a worker that is at it keeps nothing more. */
    cancel(exportId: string, caller: Caller): Promise<void>;
    /** A link to the file that is good for a quarter of an hour; nothing while there is no file. */
    linkTo({ exportId, status, expiresAt }: ExportJob): ExportLinkResponse | undefined;
    private make;
    private emptyJob;
    private record;
}
export declare const unknown: (exportId: string) => NotFound;
//# sourceMappingURL=exports.service.d.ts.map