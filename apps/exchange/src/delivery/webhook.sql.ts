import type { EntityManager } from 'typeorm';

/** A page that went out: from behind `after` to `through`, with the events at `positions`. */
export type Sent = {
  subscriptionId: string;
  after: number;
  through: number;
  positions: number[];
  /** When the next page may go out; null: at once. */
  nextAt: Date | null;
};

/** The receiver has the page; nothing happens if the subscription was moved elsewhere meanwhile. */
export async function confirm(sent: Sent, tx: EntityManager): Promise<void> {
  const { subscriptionId, after, through, positions, nextAt } = sent;
  await tx.query(
    `UPDATE subscriptions
        SET delivered = delivered + (SELECT count(*) FROM unnest($4::bigint[]) sent WHERE sent > confirmed_position),
            acked_position = $3, confirmed_position = greatest(confirmed_position, $3), failures = 0,
            last_error = NULL, next_attempt_at = $5, page_through = NULL, page_attempts = 0
      WHERE subscription_id = $1 AND acked_position = $2 AND acked_position < $3`,
    [subscriptionId, after, through, positions, nextAt],
  );
}

export type Postponed = {
  subscriptionId: string;
  after: number;
  /** Where the page ends that was tried; null when there was none. */
  through: number | null;
  failures: number;
  error: string;
  until: Date;
};

/** What is behind `after` is tried again later, unless the subscription was moved elsewhere meanwhile. */
export async function postpone(
  { subscriptionId, after, through, failures, error, until }: Postponed,
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `UPDATE subscriptions SET failures = $3, last_error = $4, next_attempt_at = $5, page_through = coalesce($6, page_through),
            page_attempts = page_attempts + CASE WHEN $6::bigint IS NULL THEN 0 ELSE 1 END
      WHERE subscription_id = $1 AND acked_position = $2`,
    [subscriptionId, after, failures, error, until, through],
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
