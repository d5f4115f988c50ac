import type { DataSource } from 'typeorm';
import type { Tx } from './outbox';

/**
 * The name of a consumer group that reads into this database: `<service>.<identity>`. Kafka keeps the offsets of a group,
 * so a new database in the place of a lost one must be another group: it then reads its copies from the start.
 */
export async function groupOf(service: string, db: DataSource): Promise<string> {
  const [row] = await db.query<{ id: string }[]>('SELECT id FROM database_identity');
  if (!row) throw new Error('the database has no identity: its migrations have not run');
  return `${service}.${row.id.slice(0, 8)}`;
}

/**
 * Another identity, for a database that was restored from a backup: Kafka knows the offsets of the one before, and they are
 * ahead of what is in the backup. Its copies are read from the start when the service starts again.
 */
export async function renewIdentity(tx: Tx): Promise<void> {
  await tx.query('UPDATE database_identity SET id = gen_random_uuid()');
}
