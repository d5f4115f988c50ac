import { Audit, type Caller, Clock } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { Keys } from '../delivery/keys';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import { OverScope } from '../enforcement/over-scope';
import { Subscription } from './subscription.entity';
import { type View } from './subscription-views';
import type { CreateSubscriptionRequest, RotateSecretRequest, SeekRequest, SkipRequest, SubscriptionsQuery } from './subscriptions.dto';
export declare class SubscriptionsService {
    private readonly db;
    private readonly decisions;
    private readonly overScope;
    private readonly keys;
    private readonly audit;
    private readonly clock;
    private readonly config;
    constructor(db: DataSource, decisions: ReceiveDecisions, overScope: OverScope, keys: Keys, audit: Audit, clock: Clock, config: AppConfig);
    create(order: CreateSubscriptionRequest, caller: Caller): Promise<View & {
        secret?: string;
    }>;
    private make;
    list(query: SubscriptionsQuery, caller: Caller): Promise<View[]>;
    get(subscriptionId: string, caller: Caller): Promise<View>;
    pause(id: string, ifMatch: string | undefined, caller: Caller): Promise<View>;
    resume(id: string, ifMatch: string | undefined, caller: Caller): Promise<View>;
    /** Everything up to the cursor is done with; safe to repeat. */
    ack(subscriptionId: string, cursor: string, caller: Caller): Promise<View>;
    /** Goes on from another place of the ledger; what is on its way to a webhook no longer counts. */
    seek(id: string, order: SeekRequest, ifMatch: string | undefined, caller: Caller): Promise<View>;
    /**
     * Passes over what is next, such as an event that the receiver cannot take; of what is held behind the cursor, too.
     *
     * Errors: `Invalid` `position.not-ahead`, `position.beyond-head`.
     */
    skip(id: string, order: SkipRequest, ifMatch: string | undefined, caller: Caller): Promise<View>;
    /** Errors: `Conflict` `subscription.no-webhook` for one that is pulled. */
    rotateSecret(id: string, order: RotateSecretRequest, ifMatch: string | undefined, caller: Caller): Promise<{
        subscription: Subscription;
        head: number;
        conditions: import("./conditions.sql").Conditions;
        secret: string;
    }>;
    remove(subscriptionId: string, ifMatch: string | undefined, caller: Caller): Promise<void>;
    private change;
    private lockOwn;
    private requireAgreement;
    private urlOf;
    private record;
}
//# sourceMappingURL=subscriptions.service.d.ts.map