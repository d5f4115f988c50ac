import { type Caller, Principals } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import { RecentAcceptances } from '../ingest/recent-acceptances';
import { DeliveriesOfEvents } from './event-deliveries';
import type { EventStatusQuery, EventStatusResponse, LedgerResponse } from './ledger.dto';
/** What publishers may ask the ledger. */
export declare class LedgerService {
    private readonly db;
    private readonly datasets;
    private readonly principals;
    private readonly recent;
    private readonly deliveries;
    constructor(db: DataSource, datasets: Datasets, principals: Principals, recent: RecentAcceptances, deliveries: DeliveriesOfEvents);
    /** What became of an event of the caller's department, and to whom it went; those of others are unknown to it. */
    statusOf({ source, id }: EventStatusQuery, caller: Caller): Promise<EventStatusResponse>;
    private acceptedOrUnknown;
    /** How far the ledger of a dataset is; for those who own it or may publish to it, and administrators. */
    ledgerOf(datasetId: string, caller: Caller): Promise<LedgerResponse>;
    private departmentOf;
}
//# sourceMappingURL=ledger.service.d.ts.map