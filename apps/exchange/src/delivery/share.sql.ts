import type { EntityManager } from 'typeorm';
import { delivered } from './delivered.sql';

/** A page that Kafka took: from behind `after` to `through`, with the events at `positions`. */
export type Shared = { owner: string; subscriptionId: string; after: number; through: number; positions: number[] };

/** Whether delivery goes on behind the page: not when the lease was lost, or the subscription moved, meanwhile. */
export async function confirmShared(shared: Shared, tx: EntityManager): Promise<boolean> {
  const { owner, subscriptionId, after, through, positions } = shared;
  const moved = await tx.query<unknown[]>(
    `WITH moved AS (
       UPDATE subscriptions
          SET ${delivered('$3', '$4', '$5')},
              acked_position = $4, failures = 0, last_error = NULL, next_attempt_at = NULL
        WHERE subscription_id = $1 AND lease_owner = $2 AND acked_position = $3 AND acked_position < $4 RETURNING 1
     ) SELECT * FROM moved`,
    [subscriptionId, owner, after, through, positions],
  );
  return moved.length > 0;
}

export type Unshared = {
  owner: string;
  subscriptionId: string;
  after: number;
  failures: number;
  /** It had a pause before: where it has none any more, what it waited for has ended, and it is due at once. */
  wasPaused: boolean;
  error: string;
  until: Date;
};

/** What is behind `after` is tried again later, unless the lease was lost, the subscription moved or its pause was ended. */
export async function postponeShared(unshared: Unshared, tx: EntityManager): Promise<void> {
  const { owner, subscriptionId, after, failures, error, until, wasPaused } = unshared;
  await tx.query(
    `UPDATE subscriptions SET failures = $4, last_error = $5, next_attempt_at = $6
      WHERE subscription_id = $1 AND lease_owner = $2 AND acked_position = $3
        AND NOT ($7 AND next_attempt_at IS NULL)`,
    [subscriptionId, owner, after, failures, error, until, wasPaused],
  );
}
