import type { EntityManager } from 'typeorm';
import type { ListCursor } from '../subscriptions/list-cursor';
/** A page that a webhook's receiver did not take: where it lies in the ledger, never what was in it. */
export type DeadLetter = {
    deadLetterId: string;
    subscriptionId: string;
    after: number;
    through: number;
    records: number;
    reason: string;
    attempts: number;
    putAsideAt: Date;
    /** How often its place had been replayed: it keeps its `webhook-id`. */
    replays: number;
};
/** Puts a page aside and lets delivery go on behind it; false if the subscription was moved elsewhere meanwhile. */
export declare function putAside(letter: DeadLetter, waitMs: number, tx: EntityManager): Promise<boolean>;
export declare function insertDeadLetter(letter: DeadLetter, tx: EntityManager): Promise<void>;
export declare function listDeadLetters(subscriptionId: string, behind: ListCursor | undefined, limit: number, tx: EntityManager): Promise<DeadLetter[]>;
export declare function findDeadLetter(subscriptionId: string, deadLetterId: string, tx: EntityManager): Promise<DeadLetter | undefined>;
/** Whether this caller alone may send the page now, until `until` at the latest. */
export declare function claim(deadLetterId: string, now: Date, until: Date, tx: EntityManager): Promise<boolean>;
/** How far one more attempt came: the receiver has `positions`, all up to `after`; without `reason` it was cut off. */
export type Attempt = {
    letter: DeadLetter;
    after: number;
    positions: number[];
    reason?: string;
};
/** What is behind the attempt is still to be delivered. */
export declare function putBack({ letter, after, positions, reason }: Attempt, tx: EntityManager): Promise<void>;
/** The receiver has the page after all. */
export declare function removeDelivered(letter: DeadLetter, positions: number[], tx: EntityManager): Promise<void>;
//# sourceMappingURL=dead-letters.sql.d.ts.map