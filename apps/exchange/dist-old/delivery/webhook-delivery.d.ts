import { Clock } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { WebhookKeyed } from './webhook-keyed';
import { WebhookPages } from './webhook-pages';
import { WebhookSender } from './webhook-sender';
/** Delivers one leased subscription: page after page, each disclosed, sent, confirmed. */
export declare class WebhookDelivery {
    private readonly db;
    private readonly pages;
    private readonly keyed;
    private readonly sender;
    private readonly clock;
    constructor(db: DataSource, pages: WebhookPages, keyed: WebhookKeyed, sender: WebhookSender, clock: Clock);
    /** Ends when nothing is left, an attempt failed, the lease is lost, or `stop` or `isStopping` says so. */
    run(owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean): Promise<void>;
    private leaseOf;
    private deliverPage;
    private isWelcome;
    private handleFailure;
}
//# sourceMappingURL=webhook-delivery.d.ts.map