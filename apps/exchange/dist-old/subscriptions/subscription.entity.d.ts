import type { DeliveryMode } from '@govbus/contracts';
import type { WebhookOrder } from '../delivery/webhook.rules';
import type { EventFilter } from './filters.rules';
import type { SubscriptionStatus } from './subscription.rules';
/** A cursor over a dataset's ledger, seen through an agreement. */
export declare class Subscription {
    subscriptionId: string;
    agreementId: string;
    datasetId: string;
    consumerDepartment: string;
    /** The principal that made it; a webhook delivers in its name. */
    owner: string;
    purpose: string;
    /** The case that it is for. */
    caseReference: string | null;
    /** Only records of this area, which lies in one of the agreement's. */
    areaCode: string | null;
    mode: DeliveryMode;
    webhookUrl: string | null;
    /** Sealed with a key of the deployment; opened only to sign. */
    webhookSecret: string | null;
    /** Signs as well until the time beside it; sealed like the other. */
    previousWebhookSecret: string | null;
    previousSecretUntil: Date | null;
    /** Whether the receiver must agree before the first delivery. */
    webhookHandshake: boolean;
    /** The address that agreed. */
    webhookConsentedUrl: string | null;
    /** Deliveries a minute that the receiver allows; without one it says nothing. */
    webhookRate: number | null;
    webhookOrder: WebhookOrder;
    /** Events in one request at most; one goes by itself, more as a batch. */
    webhookMaxEvents: number;
    /** Events that a webhook ordered by key has passed and still has to deliver, the first of them, when one is due. */
    held: number;
    heldFrom: number | null;
    heldDueAt: Date | null;
    /** What of the granted events is wanted: all of them must hold. */
    filters: EventFilter[];
    status: SubscriptionStatus;
    stopReason: string | null;
    statusBeforeStop: SubscriptionStatus | null;
    /** Everything up to here is done with; delivery goes on behind it. */
    ackedPosition: number;
    /** Everything up to here was shown or filtered out at least once; no acknowledgement goes beyond it. */
    disclosedPosition: number;
    /** Records delivered, each counted once however often it was replayed or redriven (`counted` knows which). */
    delivered: number;
    lastDeliveredAt: Date | null;
    /** How often it went back: a message that is replayed is another message. */
    replays: number;
    /** Where the page ends whose delivery failed; the next attempt is for the same page. */
    pageThrough: number | null;
    /** After so many failed attempts a page is put aside. */
    maxAttempts: number;
    /** Failed attempts at the page that is due. */
    pageAttempts: number;
    /** Pages that were put aside and not delivered since. */
    deadLetters: number;
    failures: number;
    lastError: string | null;
    nextAttemptAt: Date | null;
    createdAt: Date;
    version: number;
}
//# sourceMappingURL=subscription.entity.d.ts.map