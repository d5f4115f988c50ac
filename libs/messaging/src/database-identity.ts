import type { DataSource } from 'typeorm';

/**
 * The name of a consumer group that reads into this database: `<service>.<identity>`. Kafka keeps the offsets of a group,
 * so a new database in the place of a lost one must be another group: it then reads its copies from the start.
 */
export async function groupOf(service: string, db: DataSource): Promise<string> {
  const [row] = await db.query<{ id: string }[]>('SELECT id FROM database_identity');
  if (!row) throw new Error('the database has no identity: its migrations have not run');
  return `${service}.${row.id.slice(0, 8)}`;
}
