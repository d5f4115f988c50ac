import type { EntityManager } from 'typeorm';

/**
 * Everything up to `position` is done with; never backwards, and nothing when the reader has gone back since `replays` was
 * read.
 */
export async function acknowledgeThrough(
  { subscriptionId, replays }: { subscriptionId: string; replays: number },
  position: number,
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `UPDATE subscriptions SET acked_position = $2
      WHERE subscription_id = $1 AND acked_position < $2 AND disclosed_position >= $2 AND replays = $3`,
    [subscriptionId, position, replays],
  );
}
