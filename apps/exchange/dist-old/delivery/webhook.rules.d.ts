type Message = {
    subscriptionId: string;
    agreementVersion: number;
    replays: number;
    first: number;
    last: number;
};
/**
 * The `webhook-id` of a message: the same each time it goes out under the same terms, whatever the attempt; another when
 * it is replayed, because receivers drop ids that they know.
 *
 * Source: Standard Webhooks 1.0.0; it must hold no `.` and not be chosen by the caller.
 */
export declare function webhookIdOf({ subscriptionId, agreementVersion, replays, first, last }: Message): string;
/**
 * Whether all events of a dataset go out one after the other, or only those of one record key: then each in a request of
 * its own, and one that fails holds those of its key alone.
 */
export declare const webhookOrders: readonly ['dataset', 'key'];
export type WebhookOrder = (typeof webhookOrders)[number];
/** How a record key is told from others where the key itself need not be kept; those without one count as one. */
export declare const keyDigestOf: (recordKey: string | null) => string;
type Keyed = {
    position: number;
    keyDigest: string;
};
export type Lanes = {
    /** One for each key, its positions in order. */
    lanes: {
        keyDigest: string;
        positions: number[];
    }[];
    /** What must wait behind events that are held. */
    behind: Keyed[];
};
/** The events of a page by their keys; those whose key is in `waiting` are behind. */
export declare function lanesOf(events: readonly Keyed[], waiting: ReadonlySet<string>): Lanes;
/** Failures in a row after which the circuit of an endpoint opens. */
export declare const circuitFailures = 5;
/**
 * Milliseconds for which a circuit is open when it opened `opened` times before without a success between: doubled each
 * time up to five minutes, and at least what the receiver asked for.
 */
export declare const openMs: (opened: number, retryAfterMs?: number) => number;
type Sealed = {
    webhookSecret: string | null;
    previousWebhookSecret: string | null;
    previousSecretUntil: Date | null;
};
/** The sealed keys that sign now, the newest first: while a rotation's overlap lasts, the one before as well. */
export declare function signingKeys(keys: Sealed, now: Date): string[];
export type Consent = {
    outcome: 'allowed';
    rate?: number;
} | {
    outcome: 'refused';
    error: string;
};
/**
 * Whether a receiver allows deliveries from `origin`, and how many a minute; its status proves nothing.
 *
 * Source: CloudEvents HTTP 1.1 Web Hooks, section 4.
 */
export declare function readConsent(allowedOrigin: string | null, allowedRate: string | null, origin: string): Consent;
/** Milliseconds between two deliveries that keep a rate a minute; null without one. */
export declare const paceMs: (rate: number | null) => number | null;
export {};
//# sourceMappingURL=webhook.rules.d.ts.map