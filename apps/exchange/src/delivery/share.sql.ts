import type { EntityManager } from 'typeorm';

/** A page that Kafka took: from behind `after` to `through`, with the events at `positions`. */
export type Shared = { owner: string; subscriptionId: string; after: number; through: number; positions: number[] };

/** Whether delivery goes on behind the page: not when the lease was lost, or the subscription moved, meanwhile. */
export async function confirmShared(shared: Shared, tx: EntityManager): Promise<boolean> {
  const { owner, subscriptionId, after, through, positions } = shared;
  const moved = await tx.query<unknown[]>(
    `WITH moved AS (
       UPDATE subscriptions
          SET delivered = delivered + (SELECT count(*) FROM unnest($5::bigint[]) sent WHERE NOT counted @> sent),
              counted = counted + int8multirange(int8range($3::bigint + 1, $4::bigint + 1)),
              last_delivered_at = CASE WHEN cardinality($5::bigint[]) > 0 THEN clock_timestamp() ELSE last_delivered_at END,
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
  error: string;
  until: Date;
};

/** What is behind `after` is tried again later, unless the lease was lost or the subscription moved meanwhile. */
export async function postponeShared(unshared: Unshared, tx: EntityManager): Promise<void> {
  const { owner, subscriptionId, after, failures, error, until } = unshared;
  await tx.query(
    `UPDATE subscriptions SET failures = $4, last_error = $5, next_attempt_at = $6
      WHERE subscription_id = $1 AND lease_owner = $2 AND acked_position = $3`,
    [subscriptionId, owner, after, failures, error, until],
  );
}
