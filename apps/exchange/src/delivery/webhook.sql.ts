import type { EntityManager } from 'typeorm';
import { delivered } from './delivered.sql';

/** When the next request may go out, `$n` being milliseconds from now or null: at once. */
export const pausedBy = (parameter: string): string => `clock_timestamp() + ${parameter} * interval '1 ms'`;

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
export async function confirm(sent: Sent, tx: EntityManager): Promise<void> {
  const { subscriptionId, replays, after, through, positions, pauseMs } = sent;
  const moved = await tx.query<unknown[]>(
    `WITH moved AS (
       UPDATE subscriptions
          SET ${delivered('$2', '$3', '$4')},
              acked_position = $3, failures = 0, last_error = NULL, next_attempt_at = ${pausedBy('$5::integer')},
              page_through = NULL, page_attempts = 0
        WHERE subscription_id = $1 AND acked_position = $2 AND acked_position < $3 AND replays = $6 RETURNING 1
     ) SELECT * FROM moved`,
    [subscriptionId, after, through, positions, pauseMs, replays],
  );
  if (moved.length === 0) await count(subscriptionId, positions, tx);
}

/** Counts what the receiver has, each position once however often it was sent. */
export async function count(subscriptionId: string, positions: number[], tx: EntityManager): Promise<void> {
  if (positions.length === 0) return;
  await tx.query(
    `UPDATE subscriptions
        SET delivered = delivered + (SELECT count(*) FROM unnest($2::bigint[]) sent WHERE NOT counted @> sent),
            counted = counted + (SELECT range_agg(int8range(sent, sent + 1)) FROM unnest($2::bigint[]) sent),
            last_delivered_at = clock_timestamp()
      WHERE subscription_id = $1`,
    [subscriptionId, positions],
  );
}

export type Postponed = {
  subscriptionId: string;
  replays: number;
  after: number;
  /** Where the page ends that was tried; absent when there was none. */
  through?: number;
  /** How many attempts at that page this counts as; none without it. */
  attempts?: number;
  /** Failures in a row, whatever they count as. */
  failures: number;
  /** A denial of what had a pause before: where it has none any more, what was denied has ended, and it is due at once. */
  wasPaused?: boolean;
  error: string;
  waitMs: number;
};

/** What is behind `after` is tried again later, unless the subscription was moved elsewhere meanwhile, or a denial ended. */
export async function postpone(postponed: Postponed, tx: EntityManager): Promise<void> {
  const { subscriptionId, replays, after, through, attempts, failures, error, waitMs, wasPaused } = postponed;
  await tx.query(
    `UPDATE subscriptions
        SET failures = $3, last_error = $4, next_attempt_at = ${pausedBy('$5::integer')},
            page_through = coalesce($6, page_through), page_attempts = page_attempts + $8
      WHERE subscription_id = $1 AND acked_position = $2 AND replays = $7
        AND NOT ($9 AND next_attempt_at IS NULL)`,
    [subscriptionId, after, failures, error, waitMs, through ?? null, replays, attempts ?? 0, wasPaused ?? false],
  );
}

/** The receiver at `url` agreed to deliveries, so many a minute. */
export async function noteConsent(
  subscriptionId: string,
  url: string,
  rate: number | undefined,
  tx: EntityManager,
): Promise<void> {
  await tx.query('UPDATE subscriptions SET webhook_consented_url = $2, webhook_rate = $3 WHERE subscription_id = $1', [
    subscriptionId,
    url,
    rate ?? null,
  ]);
}

export async function stop(subscriptionId: string, reason: string, error: string, tx: EntityManager): Promise<void> {
  await tx.query(
    `UPDATE subscriptions SET status_before_stop = status, status = 'stopped', stop_reason = $2, last_error = $3,
            version = version + 1
      WHERE subscription_id = $1 AND status = 'active'`,
    [subscriptionId, reason, error],
  );
}
