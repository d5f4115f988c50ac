import type { ListCursor } from '@govbus/platform';
import type { EntityManager } from 'typeorm';
import { count, pausedBy } from './webhook.sql';

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

type Row = Omit<DeadLetter, 'after' | 'through'> & { after: string; through: string };
const columns = `dead_letter_id AS "deadLetterId", subscription_id AS "subscriptionId", after_position AS "after",
  through_position AS "through", records, reason, attempts, put_aside_at AS "putAsideAt", replays`;
const letterOf = (row: Row): DeadLetter => ({ ...row, after: Number(row.after), through: Number(row.through) });

/** Puts a page aside and lets delivery go on behind it; false if the subscription was moved elsewhere meanwhile. */
export async function putAside(letter: DeadLetter, waitMs: number, tx: EntityManager): Promise<boolean> {
  const { subscriptionId, after, through, reason, replays } = letter;
  const moved = await tx.query<unknown[]>(
    `WITH moved AS (
       UPDATE subscriptions
          SET acked_position = $3, failures = 0, page_attempts = 0, page_through = NULL, last_error = $4,
              next_attempt_at = ${pausedBy('$5::integer')}
        WHERE subscription_id = $1 AND acked_position = $2 AND replays = $6 RETURNING 1
     ) SELECT * FROM moved`,
    [subscriptionId, after, through, reason, waitMs, replays],
  );
  if (moved.length === 0) return false;
  await insertDeadLetter(letter, tx);
  return true;
}

export async function insertDeadLetter(letter: DeadLetter, tx: EntityManager): Promise<void> {
  const { deadLetterId, subscriptionId, after, through, records, reason, attempts, putAsideAt, replays } = letter;
  await tx.query('UPDATE subscriptions SET dead_letters = dead_letters + 1 WHERE subscription_id = $1', [
    subscriptionId,
  ]);
  await tx.query(
    `INSERT INTO dead_letters (dead_letter_id, subscription_id, after_position, through_position, records, reason,
                               attempts, put_aside_at, replays)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [deadLetterId, subscriptionId, after, through, records, reason, attempts, putAsideAt, replays],
  );
}

export async function listDeadLetters(
  subscriptionId: string,
  behind: ListCursor | undefined,
  limit: number,
  tx: EntityManager,
): Promise<DeadLetter[]> {
  const rows = await tx.query<Row[]>(
    `SELECT ${columns} FROM dead_letters
      WHERE subscription_id = $1
        AND ($2::timestamptz IS NULL OR (put_aside_at, dead_letter_id) > ($2::timestamptz, $3::uuid))
      ORDER BY put_aside_at, dead_letter_id LIMIT $4`,
    [subscriptionId, behind?.at ?? null, behind?.id ?? null, limit],
  );
  return rows.map(letterOf);
}

export async function hasDeadLetter(subscriptionId: string, deadLetterId: string, tx: EntityManager): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    'SELECT 1 FROM dead_letters WHERE subscription_id = $1 AND dead_letter_id = $2',
    [subscriptionId, deadLetterId],
  );
  return rows.length > 0;
}

/** The page, as it is now, that this caller alone may send until `until` at the latest; undefined while another does. */
export async function claim(
  deadLetterId: string,
  now: Date,
  until: Date,
  tx: EntityManager,
): Promise<DeadLetter | undefined> {
  const claimed = await tx.query<Row[]>(
    `WITH claimed AS (UPDATE dead_letters SET busy_until = $3
                       WHERE dead_letter_id = $1 AND (busy_until IS NULL OR busy_until <= $2) RETURNING ${columns})
     SELECT * FROM claimed`,
    [deadLetterId, now, until],
  );
  return claimed.map(letterOf)[0];
}

/** How far one more attempt came: the receiver has `positions`, all up to `after`; without `reason` it was cut off. */
export type Attempt = { letter: DeadLetter; after: number; positions: number[]; reason?: string };

/** What is behind the attempt is still to be delivered. */
export async function putBack({ letter, after, positions, reason }: Attempt, tx: EntityManager): Promise<void> {
  const { deadLetterId, subscriptionId } = letter;
  await count(subscriptionId, positions, tx);
  await tx.query(
    `UPDATE dead_letters SET busy_until = NULL, after_position = $2, reason = coalesce($3, reason),
            attempts = attempts + CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END
      WHERE dead_letter_id = $1`,
    [deadLetterId, after, reason ?? null],
  );
}

/** The receiver has the page after all. */
export async function removeDelivered(letter: DeadLetter, positions: number[], tx: EntityManager): Promise<void> {
  const { deadLetterId, subscriptionId } = letter;
  await count(subscriptionId, positions, tx);
  const gone = await tx.query<unknown[]>(
    'WITH gone AS (DELETE FROM dead_letters WHERE dead_letter_id = $1 RETURNING 1) SELECT * FROM gone',
    [deadLetterId],
  );
  await tx.query('UPDATE subscriptions SET dead_letters = dead_letters - $2 WHERE subscription_id = $1', [
    subscriptionId,
    gone.length,
  ]);
}
