import { Audit, type Caller, Clock } from '@govbus/platform';
import { DataSource } from 'typeorm';
import type { AnnounceOutageRequest } from './outages.dto';
import { type Outage } from './outages.sql';
/**
 * Planned outages that consumers announce. While one runs nothing is sent to them and no failure is counted; deliveries
 * go on by themselves when it ends.
 */
export declare class OutagesService {
    private readonly db;
    private readonly audit;
    private readonly clock;
    constructor(db: DataSource, audit: Audit, clock: Clock);
    /**
     * Errors: `Invalid` `outage.window`; `NotFound` `subscription.unknown`; `Conflict` `outage.too-many` from the hundredth
     *   on that is not over.
     */
    announce(order: AnnounceOutageRequest, caller: Caller): Promise<Outage>;
    list(caller: Caller): Promise<Outage[]>;
    /** Ends an outage early, or calls it off. Errors: `NotFound` `outage.unknown`. */
    withdraw(outageId: string, caller: Caller): Promise<void>;
    private requireOwn;
    private record;
}
//# sourceMappingURL=outages.service.d.ts.map