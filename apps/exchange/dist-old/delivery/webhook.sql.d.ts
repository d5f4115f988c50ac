import type { EntityManager } from 'typeorm';
/** When the next request may go out, `$n` being milliseconds from now or null: at once. */
export declare const pausedBy: (parameter: string) => string;
/** A page that went out: from behind `after` to `through`, with the events at `positions`. */
export type Sent = {
    subscriptionId: string;
    replays: number;
    after: number;
    through: number;
    positions: number[];
    /** How long the next page must wait, in ms; null: not at all. */
    pauseMs: number | null;
};
/** The receiver has the page; the cursor stays where it is if the subscription was moved elsewhere meanwhile. */
export declare function confirm(sent: Sent, tx: EntityManager): Promise<void>;
/** Counts what the receiver has, each position once however often it was sent. */
export declare function count(subscriptionId: string, positions: number[], tx: EntityManager): Promise<void>;
export type Postponed = {
    subscriptionId: string;
    replays: number;
    after: number;
    /** Where the page ends that was tried; null when there was none. */
    through: number | null;
    failures: number;
    error: string;
    waitMs: number;
};
/** What is behind `after` is tried again later, unless the subscription was moved elsewhere meanwhile. */
export declare function postpone(postponed: Postponed, tx: EntityManager): Promise<void>;
/** The receiver at `url` agreed to deliveries, so many a minute. */
export declare function noteConsent(subscriptionId: string, url: string, rate: number | undefined, tx: EntityManager): Promise<void>;
export declare function stop(subscriptionId: string, reason: string, error: string, tx: EntityManager): Promise<void>;
//# sourceMappingURL=webhook.sql.d.ts.map