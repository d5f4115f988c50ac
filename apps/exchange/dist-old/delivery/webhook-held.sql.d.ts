import type { EntityManager } from 'typeorm';
import { type DeadLetter } from './dead-letters.sql';
/** What of a subscription is held: how many events, from which position on, and when the first is due. */
export type HeldSummary = {
    held: number;
    heldFrom: number | null;
    heldDueAt: Date | null;
};
/** `waitMs`: until it is due; null while it waits behind another of its key. */
export type NewHeld = {
    position: number;
    keyDigest: string;
    attempts: number;
    waitMs: number | null;
    error: string | null;
};
export type DueHeld = {
    position: number;
    attempts: number;
};
export type Settled = {
    subscriptionId: string;
    position: number;
    pauseMs: number | null;
};
/** The record keys of events. Never shown, and kept as digests alone: the lens may not grant them. */
export declare function keysOf(datasetId: string, positions: number[], tx: EntityManager): Promise<Map<number, string | null>>;
/** Which of the keys have an event that is held. */
export declare function heldAmong(subscriptionId: string, digests: string[], tx: EntityManager): Promise<Set<string>>;
/** Held events that are due, at most one of a key. */
export declare function dueHeld(subscriptionId: string, limit: number, tx: EntityManager): Promise<DueHeld[]>;
/** A page that went out by its keys: what of it arrived, and what of it is held. */
export type Passed = {
    subscriptionId: string;
    replays: number;
    after: number;
    through: number;
    delivered: number[];
    held: NewHeld[];
    pauseMs: number | null;
};
/** Moves the cursor behind a page and holds what of it did not arrive; a cursor that was moved meanwhile stays. */
export declare function passPage(passed: Passed, tx: EntityManager): Promise<void>;
/** A held event is done with, delivered or not there any more; the next of its key is due. */
export declare function settleHeld(settled: Settled & {
    isDelivered: boolean;
}, tx: EntityManager): Promise<void>;
/** A held event is tried again later. */
export declare function postponeHeld(postponed: Settled & {
    attempts: number;
    waitMs: number;
    error: string;
}, tx: EntityManager): Promise<void>;
/** Puts a held event aside; false if it is held no more. */
export declare function putHeldAside(letter: DeadLetter, pauseMs: number | null, tx: EntityManager): Promise<boolean>;
/** Lets go of what is held up to `through`, or of all; the caller holds the subscription. */
export declare function dropHeld(subscriptionId: string, through: number | null, tx: EntityManager): Promise<HeldSummary>;
//# sourceMappingURL=webhook-held.sql.d.ts.map