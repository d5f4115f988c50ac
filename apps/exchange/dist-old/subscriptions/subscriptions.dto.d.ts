import { type DeliveryMode } from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { type WebhookOrder } from '../delivery/webhook.rules';
import type { EventFilter } from './filters.rules';
import type { View } from './subscription-views';
import { type SubscriptionStatus } from './subscription.rules';
export declare class WebhookRequest {
    url: string;
    /** Whether the receiver must allow deliveries (`OPTIONS`, `WebHook-Allowed-Origin`) before the first one. */
    handshake?: boolean;
    /** Failed attempts after which a page is put aside (dead letter) and delivery goes on behind it; 20 by default. */
    maxAttempts?: number;
    /**
     * `dataset` (the default): one request after the other. `key`: each event in a request of its own, those of one record
     * key one after the other and several keys at the same time; an event that fails holds those of its key alone.
     */
    order?: WebhookOrder;
    /** Most events in one request: 1 sends each as a structured CloudEvent, more as a batch; 100 by default. */
    maxEvents?: number;
}
export declare class CreateSubscriptionRequest {
    agreementId: string;
    purpose: string;
    /** The case that the use is for; needed where the agreement says so. */
    caseReference?: string;
    /** Only records of this area (12 digits), which must lie in one of the agreement's. */
    areaCode?: string;
    mode: DeliveryMode;
    webhook?: WebhookRequest;
    startFrom: unknown;
    /** Which of the granted events are wanted (CloudEvents Subscriptions: exact, prefix, suffix, all, any, not, sql). */
    filters?: unknown;
}
export declare class SubscriptionsQuery extends PageQuery {
    agreementId?: string;
}
export declare class SeekRequest {
    to: unknown;
}
export declare class SkipRequest {
    /** The first position (or time) that is wanted again; `now` passes over everything. */
    to?: unknown;
    /** How many positions to pass over, instead of `to`. */
    count?: number;
    /** Why; it is kept in the audit log and must name nobody. */
    reason: string;
}
export declare class RotateSecretRequest {
    /** Hours during which the key before signs as well. */
    overlapHours: number;
}
export declare class AckRequest {
    cursor: string;
}
export declare class WebhookResponse {
    url: string;
    secret?: string;
    handshake: boolean;
    maxAttempts: number;
    order: WebhookOrder;
    maxEvents: number;
    held: number;
    circuit: 'closed' | 'open' | 'half-open';
    circuitUntil?: string;
    deadLetters: number;
    rate?: number;
    previousSecretUntil?: string;
}
export declare class RunningOutage {
    from: string;
    until: string;
    reason: string;
}
export declare class SubscriptionResponse {
    subscriptionId: string;
    agreementId: string;
    datasetId: string;
    purpose: string;
    caseReference?: string;
    areaCode?: string;
    mode: string;
    webhook?: WebhookResponse;
    topic?: string;
    filters: EventFilter[];
    status: SubscriptionStatus;
    stopReason?: string;
    ackedPosition: number;
    headPosition: number;
    lag: number;
    delivered: number;
    attempts: number;
    lastError?: string;
    lastDeliveredAt?: string;
    nextAttemptAt?: string;
    outage?: RunningOutage;
    version: number;
    static from({ subscription, head, conditions }: View, secret?: string): SubscriptionResponse;
}
export declare class SubscriptionPage {
    items: SubscriptionResponse[];
    nextCursor?: string;
}
//# sourceMappingURL=subscriptions.dto.d.ts.map