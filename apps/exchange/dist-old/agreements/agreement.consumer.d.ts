import { Inbox } from '@govbus/messaging';
import { SubscriptionStops } from '../subscriptions/subscription-stops';
/** Channel on which every process of the exchange hears that an agreement changed. */
export declare const AGREEMENTS_CHANGED = "agreements";
export declare class AgreementConsumer {
    private readonly inbox;
    private readonly stops;
    constructor(inbox: Inbox, stops: SubscriptionStops);
    apply(message: unknown): Promise<void>;
}
//# sourceMappingURL=agreement.consumer.d.ts.map