import type { EntityManager } from 'typeorm';

/** Everything up to `position` is done with; never backwards. */
export async function acknowledgeThrough(subscriptionId: string, position: number, tx: EntityManager): Promise<void> {
  await tx.query(
    `UPDATE subscriptions SET acked_position = $2
      WHERE subscription_id = $1 AND acked_position < $2 AND disclosed_position >= $2`,
    [subscriptionId, position],
  );
}
