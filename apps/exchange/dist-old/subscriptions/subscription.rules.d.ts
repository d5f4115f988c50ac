export declare const subscriptionStatuses: readonly ['active', 'paused', 'stopped'];
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];
/** How a subscription may be delivered; queries and files need none. */
export declare const subscriptionModes: readonly ["pull", "webhook", "sse", "kafka"];
type State = {
    status: SubscriptionStatus;
    stopReason: string | null;
    version: number;
};
/** Why a webhook that answers 410 stops; its owner may start it again. */
export declare const WEBHOOK_GONE = "webhook.gone";
/** Why a webhook stops whose receiver does not agree to deliveries; its owner may have it asked again. */
export declare const WEBHOOK_NOT_ALLOWED = "webhook.not-allowed";
/** Holds deliveries back until it is resumed. */
export declare function pause(subscription: State): State;
/** Starts a paused subscription again, or one that its receiver had stopped; never one its agreement stopped. */
export declare function resume(subscription: State): State;
/** The acknowledged position after `position` was acknowledged: never backwards, never beyond what was disclosed. */
export declare function acknowledge(state: {
    ackedPosition: number;
    disclosedPosition: number;
}, position: number): number;
/** Milliseconds to wait before the next attempt: doubled with each failure up to an hour; `jitter` is in [0, 1). */
export declare function retryDelayMs(failures: number, jitter: number): number;
export {};
//# sourceMappingURL=subscription.rules.d.ts.map