import { type Caller } from '@govbus/platform';
import { AckRequest, CreateSubscriptionRequest, RotateSecretRequest, SeekRequest, SkipRequest, SubscriptionPage, SubscriptionResponse, SubscriptionsQuery } from './subscriptions.dto';
import { SubscriptionsService } from './subscriptions.service';
export declare class SubscriptionsController {
    private readonly subscriptions;
    constructor(subscriptions: SubscriptionsService);
    create(order: CreateSubscriptionRequest, caller: Caller): Promise<SubscriptionResponse>;
    list(query: SubscriptionsQuery, caller: Caller): Promise<SubscriptionPage>;
    get(id: string, caller: Caller): Promise<SubscriptionResponse>;
    pause(id: string, ifMatch: string | undefined, caller: Caller): Promise<SubscriptionResponse>;
    resume(id: string, ifMatch: string | undefined, caller: Caller): Promise<SubscriptionResponse>;
    ack(id: string, order: AckRequest, caller: Caller): Promise<SubscriptionResponse>;
    seek(id: string, order: SeekRequest, ifMatch: string | undefined, caller: Caller): Promise<SubscriptionResponse>;
    skip(id: string, order: SkipRequest, ifMatch: string | undefined, caller: Caller): Promise<SubscriptionResponse>;
    rotateSecret(id: string, order: RotateSecretRequest, ifMatch: string | undefined, caller: Caller): Promise<SubscriptionResponse>;
    remove(id: string, ifMatch: string | undefined, caller: Caller): Promise<void>;
}
//# sourceMappingURL=subscriptions.controller.d.ts.map