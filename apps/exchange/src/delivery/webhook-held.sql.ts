import type { EntityManager } from 'typeorm';
import { type DeadLetter, insertDeadLetter } from './dead-letters.sql';
import { count, pausedBy } from './webhook.sql';

// A webhook ordered by key passes an event that fails and holds it here, and behind it the later ones of its key. Held
// events stand behind the cursor: a process that dies leaves either the cursor before them or the rows of them.
// INVARIANT: whatever changes both locks the subscription first, so that a delivery and a person never wait for each other.

/** What of a subscription is held: how many events, from which position on, and when the first is due. */
export type HeldSummary = { held: number; heldFrom: number | null; heldDueAt: Date | null };
/** `waitMs`: until it is due; null while it waits behind another of its key. */
export type NewHeld = {
  position: number;
  keyDigest: string;
  attempts: number;
  waitMs: number | null;
  error: string | null;
};
/** `hasFailed`: it was tried before, whether or not that counted as an attempt. */
export type DueHeld = { position: number; attempts: number; hasFailed: boolean };
export type Settled = { subscriptionId: string; position: number; pauseMs: number | null };

/** The record keys of events. Never shown, and kept as digests alone: the lens may not grant them. */
export async function keysOf(
  datasetId: string,
  positions: number[],
  tx: EntityManager,
): Promise<Map<number, string | null>> {
  const rows = await tx.query<{ position: string; record_key: string | null }[]>(
    'SELECT position, record_key FROM events WHERE dataset_id = $1 AND position = ANY($2::bigint[])',
    [datasetId, positions],
  );
  return new Map(rows.map((row) => [Number(row.position), row.record_key]));
}

/** Which of the keys have an event that is held. */
export async function heldAmong(subscriptionId: string, digests: string[], tx: EntityManager): Promise<Set<string>> {
  const rows = await tx.query<{ key_digest: string }[]>(
    'SELECT DISTINCT key_digest FROM held_events WHERE subscription_id = $1 AND key_digest = ANY($2)',
    [subscriptionId, digests],
  );
  return new Set(rows.map((row) => row.key_digest));
}

/** Held events that are due, at most one of a key. */
export async function dueHeld(subscriptionId: string, limit: number, tx: EntityManager): Promise<DueHeld[]> {
  const rows = await tx.query<(Omit<DueHeld, 'position'> & { position: string })[]>(
    `SELECT position, attempts, last_error IS NOT NULL AS "hasFailed" FROM held_events
      WHERE subscription_id = $1 AND due_at <= clock_timestamp() ORDER BY due_at, position LIMIT $2`,
    [subscriptionId, limit],
  );
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}

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
export async function passPage(passed: Passed, tx: EntityManager): Promise<void> {
  const { subscriptionId, replays, after, through, delivered, held, pauseMs } = passed;
  const moved = await tx.query<unknown[]>(
    `WITH moved AS (
       UPDATE subscriptions
          SET counted = counted + (int8multirange(int8range($2::bigint + 1, $3::bigint + 1)) - coalesce(
                (SELECT range_agg(int8range(p, p + 1)) FROM unnest($5::bigint[] || $6::bigint[]) p), '{}')),
              acked_position = $3, failures = 0, last_error = NULL, next_attempt_at = ${pausedBy('$7::integer')},
              page_through = NULL, page_attempts = 0
        WHERE subscription_id = $1 AND acked_position = $2 AND replays = $4 RETURNING 1
     ) SELECT * FROM moved`,
    [subscriptionId, after, through, replays, delivered, held.map(({ position }) => position), pauseMs],
  );
  await count(subscriptionId, delivered, tx);
  if (moved.length === 0 || held.length === 0) return;
  await tx.query(
    `INSERT INTO held_events (subscription_id, position, key_digest, attempts, due_at, last_error)
     SELECT $1, position, key_digest, attempts, clock_timestamp() + wait_ms * interval '1 ms', error
       FROM unnest($2::bigint[], $3::text[], $4::integer[], $5::integer[], $6::text[])
              AS h (position, key_digest, attempts, wait_ms, error)
     ON CONFLICT (subscription_id, position) DO NOTHING`,
    [
      subscriptionId,
      held.map(({ position }) => position),
      held.map(({ keyDigest }) => keyDigest),
      held.map(({ attempts }) => attempts),
      held.map(({ waitMs }) => waitMs),
      held.map(({ error }) => error),
    ],
  );
  await promote(subscriptionId, tx);
}

/** A held event is done with, delivered or not there any more; the next of its key is due. */
export async function settleHeld(settled: Settled & { isDelivered: boolean }, tx: EntityManager): Promise<void> {
  const { subscriptionId, position, pauseMs, isDelivered } = settled;
  await lock(subscriptionId, tx);
  if (isDelivered) await count(subscriptionId, [position], tx);
  await remove(subscriptionId, position, tx);
  await promote(subscriptionId, tx);
  await pause(subscriptionId, pauseMs, tx);
}

/** A held event is tried again later. */
export async function postponeHeld(
  postponed: Settled & { attempts: number; waitMs: number; error: string },
  tx: EntityManager,
): Promise<void> {
  const { subscriptionId, position, pauseMs, attempts, waitMs, error } = postponed;
  await lock(subscriptionId, tx);
  await tx.query(
    `UPDATE held_events SET attempts = $3, due_at = ${pausedBy('$4::integer')}, last_error = $5
      WHERE subscription_id = $1 AND position = $2`,
    [subscriptionId, position, attempts, waitMs, error],
  );
  await promote(subscriptionId, tx);
  await pause(subscriptionId, pauseMs, tx);
}

/** Puts a held event aside; false if it is held no more. */
export async function putHeldAside(letter: DeadLetter, pauseMs: number | null, tx: EntityManager): Promise<boolean> {
  const { subscriptionId, through: position } = letter;
  await lock(subscriptionId, tx);
  await pause(subscriptionId, pauseMs, tx);
  if (!(await remove(subscriptionId, position, tx))) return false;
  await insertDeadLetter(letter, tx);
  await promote(subscriptionId, tx);
  return true;
}

/** Lets go of what is held up to `through`, or of all; the caller holds the subscription. */
export async function dropHeld(
  subscriptionId: string,
  through: number | null,
  tx: EntityManager,
): Promise<HeldSummary> {
  await tx.query('DELETE FROM held_events WHERE subscription_id = $1 AND ($2::bigint IS NULL OR position <= $2)', [
    subscriptionId,
    through,
  ]);
  return promote(subscriptionId, tx);
}

const lock = (subscriptionId: string, tx: EntityManager): Promise<unknown> =>
  tx.query('SELECT 1 FROM subscriptions WHERE subscription_id = $1 FOR UPDATE', [subscriptionId]);

async function remove(subscriptionId: string, position: number, tx: EntityManager): Promise<boolean> {
  const gone = await tx.query<unknown[]>(
    `WITH gone AS (DELETE FROM held_events WHERE subscription_id = $1 AND position = $2 RETURNING 1)
     SELECT * FROM gone`,
    [subscriptionId, position],
  );
  return gone.length > 0;
}

// One that keeps a rate sends nothing before the time is over.
async function pause(subscriptionId: string, pauseMs: number | null, tx: EntityManager): Promise<void> {
  if (pauseMs === null) return;
  await tx.query(`UPDATE subscriptions SET next_attempt_at = ${pausedBy('$2::integer')} WHERE subscription_id = $1`, [
    subscriptionId,
    pauseMs,
  ]);
}

// The first of each key is due, and the subscription sums up what is held.
async function promote(subscriptionId: string, tx: EntityManager): Promise<HeldSummary> {
  await tx.query(
    `UPDATE held_events h SET due_at = clock_timestamp()
      WHERE subscription_id = $1 AND due_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM held_events b
             WHERE b.subscription_id = $1 AND b.key_digest = h.key_digest AND b.position < h.position)`,
    [subscriptionId],
  );
  const [row] = await tx.query<{ held: number; heldFrom: string | null; heldDueAt: Date | null }[]>(
    `WITH summed AS (
       UPDATE subscriptions s
          SET held = h.held, held_from = h.held_from, held_due_at = h.held_due_at,
              last_error = coalesce(h.errors[1], s.last_error), page_attempts = coalesce(h.attempts[1], 0)
         FROM (SELECT count(*) AS held, min(position) AS held_from, min(due_at) AS held_due_at,
                      array_agg(last_error ORDER BY position) FILTER (WHERE last_error IS NOT NULL) AS errors,
                      array_agg(attempts ORDER BY position) AS attempts
                 FROM held_events WHERE subscription_id = $1) h
        WHERE s.subscription_id = $1
       RETURNING s.held, s.held_from AS "heldFrom", s.held_due_at AS "heldDueAt"
     ) SELECT * FROM summed`,
    [subscriptionId],
  );
  const first = row?.heldFrom ?? null;
  return { held: row?.held ?? 0, heldFrom: first === null ? null : Number(first), heldDueAt: row?.heldDueAt ?? null };
}
