import type { EntityManager } from 'typeorm';
import type { Counts } from './subscription.rules';

/** The subscriptions of a department, without those whose agreement was revoked: they never go on. */
export async function countSubscriptions(department: string, tx: EntityManager): Promise<Counts> {
  const [row] = await tx.query<{ all: string; byKafka: string }[]>(
    `SELECT count(*) AS "all", count(*) FILTER (WHERE mode = 'kafka') AS "byKafka"
       FROM subscriptions WHERE consumer_department = $1 AND stop_reason IS DISTINCT FROM 'agreement.revoked'`,
    [department],
  );
  return { all: Number(row?.all ?? 0), byKafka: Number(row?.byKafka ?? 0) };
}
