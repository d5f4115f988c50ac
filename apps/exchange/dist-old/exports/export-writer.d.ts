import { Audit, Clock, type Logger } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { Disclosures } from '../delivery/disclosure';
import { ReceiveDecisions } from '../delivery/receive-decisions';
/** Writes leased exports: each page in one transaction with the record of its disclosure and how far it has come. */
export declare class ExportWriter {
    private readonly db;
    private readonly disclosures;
    private readonly decisions;
    private readonly audit;
    private readonly clock;
    private readonly config;
    private readonly logger;
    constructor(db: DataSource, disclosures: Disclosures, decisions: ReceiveDecisions, audit: Audit, clock: Clock, config: AppConfig, logger: Logger);
    /** One turn; ends when the file is done, the lease is lost, or `isStopping` says so. */
    run(owner: string, exportId: string, isStopping: () => boolean): Promise<void>;
    private writePage;
    private finish;
    private goesOn;
    private end;
}
//# sourceMappingURL=export-writer.d.ts.map