import { Audit, Clock } from '@govbus/platform';
import { DataSource, type EntityManager } from 'typeorm';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { Subscription } from '../subscriptions/subscription.entity';
import type { DeadLetter } from './dead-letters.sql';
import { type Disclosed, Disclosures } from './disclosure';
import { Keys } from './keys';
import { ReceiveDecisions } from './receive-decisions';
import { type SendResult, WebhookSender } from './webhook-sender';
import { type Entry } from './webhook-circuits.sql';
/** One turn of a leased subscription. */
export type Turn = {
    subscription: Subscription;
    entry: Entry;
    stop: AbortSignal;
    /** Whether the lease is still held, made longer where it is time to. */
    keepLease: () => Promise<boolean>;
};
/** The place that is looked at next: behind `after`, for at most `limit` events, not beyond `until`. */
export type Place = {
    after: number;
    limit: number;
    until?: number;
};
/** What of a page goes, how often its place was replayed, and what is known of the endpoint. */
export type Sending = {
    only?: number;
    replays: number;
    isKnown: boolean;
    stop: AbortSignal;
};
/** What came of one attempt; `isOpen`: the circuit of the endpoint is open now. */
export type Attempted = {
    result: SendResult;
    isOpen: boolean;
};
export type Failed = Extract<SendResult, {
    outcome: 'failed';
}>;
/** What every order of delivery has in common: pages disclosed, sent, tried again, put aside. */
export declare class WebhookPages {
    private readonly db;
    private readonly disclosures;
    private readonly decisions;
    private readonly sender;
    private readonly metrics;
    private readonly keys;
    private readonly audit;
    private readonly clock;
    constructor(db: DataSource, disclosures: Disclosures, decisions: ReceiveDecisions, sender: WebhookSender, metrics: ExchangeMetrics, keys: Keys, audit: Audit, clock: Clock);
    /** A subscription with its sealed keys. */
    load(subscriptionId: string): Promise<Subscription | null>;
    /** A committed page. Errors: those of `Disclosures.disclose`. */
    disclose(subscription: Subscription, place: Place): Promise<Disclosed>;
    /** A committed page; undefined when there is none now, after that was noted. */
    discloseOrWait(subscription: Subscription, place: Place): Promise<Disclosed | undefined>;
    /** Sends a committed page, or one event of it, once; a page without events has nothing to send. */
    send(subscription: Subscription, page: Disclosed, sending: Sending): Promise<Attempted>;
    /** Tells the endpoint's circuit what came of an attempt; answers whether it is open now. */
    report(subscription: Subscription, result: SendResult, isKnown: boolean): Promise<boolean>;
    stopGone({ subscriptionId }: Subscription): Promise<void>;
    retryLater(subscription: Subscription, through: number | null, error: string, atLeastMs?: number): Promise<void>;
    /** Milliseconds until the next attempt after so many failures in a row. */
    waitMs({ webhookRate }: Subscription, failures: number, atLeastMs?: number): number;
    /** Keeps the place of what is given up and nothing of what was in it; `move` says whether it still is the place. */
    putAside(subscription: Subscription, given: Pick<DeadLetter, 'after' | 'through' | 'records' | 'reason' | 'attempts'>, move: (letter: DeadLetter, tx: EntityManager) => Promise<boolean>): Promise<void>;
    private waitUntilIsOver;
    private handleDenial;
}
/** The positions of a page's events: the id of a delivered event is its position. */
export declare const positionsOf: (page: Disclosed) => number[];
//# sourceMappingURL=webhook-pages.d.ts.map