import pg from 'pg';
import type { RunningCity } from '../running-city';

/** One statement on the exchange's database, on a connection of its own: PostgreSQL may be killed at any moment. */
export async function query<T extends pg.QueryResultRow>(
  city: RunningCity,
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  const db = new pg.Client({ connectionString: city.databaseUrl('exchange'), connectionTimeoutMillis: 5_000 });
  db.on('error', () => undefined);
  await db.connect();
  try {
    return (await db.query<T>(sql, values)).rows;
  } finally {
    await db.end().catch(() => undefined);
  }
}
