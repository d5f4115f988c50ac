import { Audit, Clock } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { Disclosures } from './disclosure';
import { ReceiveDecisions } from './receive-decisions';
import { ShareSender } from './share-sender';
/** Delivers one leased subscription to its topic: page after page, each disclosed, sent, confirmed. */
export declare class ShareDelivery {
    private readonly db;
    private readonly disclosures;
    private readonly decisions;
    private readonly sender;
    private readonly metrics;
    private readonly audit;
    private readonly clock;
    constructor(db: DataSource, disclosures: Disclosures, decisions: ReceiveDecisions, sender: ShareSender, metrics: ExchangeMetrics, audit: Audit, clock: Clock);
    /** Ends when nothing is left, an attempt failed, the lease is lost, or `stop` or `isStopping` says so. */
    run(owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean): Promise<void>;
    private sharePage;
    private disclose;
    private handle;
    private handleDenial;
    private postpone;
}
//# sourceMappingURL=share-delivery.d.ts.map