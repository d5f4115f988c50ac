import { Changes } from '@govbus/platform';
import type { EntityManager } from 'typeorm';

/** Channel on which every process hears that a topic is to be made or removed. */
export const SHARE_TOPICS_CHANGED = 'share-topics';

/** A topic is to be made for the subscription, once `tx` has committed. */
export async function wantTopic(subscriptionId: string, now: Date, tx: EntityManager): Promise<void> {
  await tx.query('INSERT INTO share_topics (subscription_id, due_at) VALUES ($1, $2)', [subscriptionId, now]);
  await Changes.notify(SHARE_TOPICS_CHANGED, subscriptionId, tx);
}

/** The subscription's topic is to be removed, if it has one, once `tx` has committed. */
export async function unwantTopic(subscriptionId: string, now: Date, tx: EntityManager): Promise<void> {
  await tx.query('UPDATE share_topics SET is_wanted = false, due_at = least(due_at, $2) WHERE subscription_id = $1', [
    subscriptionId,
    now,
  ]);
  await Changes.notify(SHARE_TOPICS_CHANGED, subscriptionId, tx);
}

export async function isTopicThere(subscriptionId: string, tx: EntityManager): Promise<boolean> {
  const found = await tx.query<unknown[]>(
    'SELECT 1 FROM share_topics WHERE subscription_id = $1 AND is_created AND is_wanted',
    [subscriptionId],
  );
  return found.length > 0;
}

/** Sending failed: the topic is looked for, and made again if it has gone. */
export async function doubtTopic(subscriptionId: string, now: Date, tx: EntityManager): Promise<void> {
  await tx.query('UPDATE share_topics SET is_created = false, due_at = $2 WHERE subscription_id = $1 AND is_created', [
    subscriptionId,
    now,
  ]);
}

export type DueTopic = { subscriptionId: string; isWanted: boolean; attempts: number };

/** Takes topics that are to be made or removed; nobody else takes them before `until`. */
export function claimTopics(now: Date, until: Date, limit: number, tx: EntityManager): Promise<DueTopic[]> {
  return tx.query<DueTopic[]>(
    `WITH due AS (
       SELECT subscription_id FROM share_topics WHERE (NOT is_created OR NOT is_wanted) AND due_at <= $1
        ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
     ), claimed AS (
       UPDATE share_topics t SET due_at = $2, attempts = attempts + 1 FROM due
        WHERE t.subscription_id = due.subscription_id
       RETURNING t.subscription_id AS "subscriptionId", t.is_wanted AS "isWanted", t.attempts
     ) SELECT * FROM claimed`,
    [now, until, limit],
  );
}

/** Answers those whose topic was given up meanwhile: it must not stay. */
export async function noteCreated(subscriptionIds: string[], now: Date, tx: EntityManager): Promise<string[]> {
  const kept = await tx.query<{ id: string }[]>(
    `WITH kept AS (UPDATE share_topics SET is_created = true, attempts = 0, due_at = $2
                    WHERE subscription_id = ANY($1) RETURNING subscription_id AS id)
     SELECT * FROM kept`,
    [subscriptionIds, now],
  );
  return subscriptionIds.filter((subscriptionId) => !kept.some(({ id }) => id === subscriptionId));
}

export async function noteRemoved(subscriptionIds: string[], tx: EntityManager): Promise<void> {
  await tx.query('DELETE FROM share_topics WHERE subscription_id = ANY($1) AND NOT is_wanted', [subscriptionIds]);
}

export async function postponeTopic(subscriptionId: string, until: Date, tx: EntityManager): Promise<void> {
  await tx.query('UPDATE share_topics SET due_at = $2 WHERE subscription_id = $1', [subscriptionId, until]);
}
