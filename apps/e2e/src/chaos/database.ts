import pg from 'pg';
import type { RunningCity, Service } from '../running-city';

/** A connection to a service's database. PostgreSQL may be killed at any moment: what is asked then rejects. */
export async function connected(city: RunningCity, service: Service): Promise<pg.Client> {
  const db = new pg.Client({ connectionString: city.databaseUrl(service), connectionTimeoutMillis: 5_000 });
  db.on('error', () => undefined);
  await db.connect();
  return db;
}

/** One statement on a database, the exchange's if no other is named, on a connection of its own. */
export async function query<T extends pg.QueryResultRow>(
  city: RunningCity,
  sql: string,
  values: unknown[] = [],
  service: Service = 'exchange',
): Promise<T[]> {
  const db = await connected(city, service);
  try {
    return (await db.query<T>(sql, values)).rows;
  } finally {
    await db.end().catch(() => undefined);
  }
}
