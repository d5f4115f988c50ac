import type { DataSource } from 'typeorm';

export type Lag = { subscriptionId: string; mode: string; behind: number };

/** Active subscriptions that are behind, the furthest first. */
export async function lagsOf(limit: number, db: DataSource): Promise<Lag[]> {
  const rows = await db.query<(Omit<Lag, 'behind'> & { behind: string })[]>(
    `SELECT s.subscription_id AS "subscriptionId", s.mode, h.last_position - s.acked_position AS behind
       FROM subscriptions s JOIN dataset_heads h USING (dataset_id)
      WHERE s.status = 'active' AND h.last_position > s.acked_position
      ORDER BY behind DESC LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({ ...row, behind: Number(row.behind) }));
}

export async function subscriptionsBy(db: DataSource): Promise<{ mode: string; status: string; count: number }[]> {
  const rows = await db.query<{ mode: string; status: string; count: string }[]>(
    'SELECT mode, status, count(*) AS count FROM subscriptions GROUP BY mode, status',
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

export async function deadLettersOf(db: DataSource): Promise<number> {
  const [row] = await db.query<{ count: string }[]>(
    'SELECT coalesce(sum(dead_letters), 0) AS count FROM subscriptions',
  );
  return Number(row?.count);
}

/** Seconds since each registry's copy was known to be whole; empty when it never was. */
export function registryAges(db: DataSource): Promise<{ topic: string; seconds: number }[]> {
  return db.query<{ topic: string; seconds: number }[]>(
    `SELECT topic, abs(extract(epoch FROM clock_timestamp() - caught_up_at))::float8 AS seconds
       FROM registry_watch WHERE isfinite(caught_up_at) ORDER BY topic`,
  );
}
