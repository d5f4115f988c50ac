import { NotFound } from '@govbus/contracts';
import { messagingMigrations, sessionOptions } from '@govbus/messaging';
import {
  DataSource,
  type EntityManager,
  type EntitySchema,
  type FindOptionsWhere,
  type MigrationInterface,
} from 'typeorm';
import type { ServiceConfig } from './config';

export type EntityClass = (new () => object) | EntitySchema;
export type MigrationClass = new () => MigrationInterface;
/** What a service keeps: its entities and, oldest first, its migrations. */
export type Schema = { entities: EntityClass[]; migrations: MigrationClass[] };

// Two processes of one service start at once: one migrates, the other waits.
const migrationLock = 7_030_201;

// A machine that is gone says nothing: whoever waits for its answer would wait for ever, the ledger's writer among them.
const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/**
 * The service's database, connected and migrated.
 *
 * Errors: rejects when the database cannot be reached or a migration fails.
 */
export async function openDatabase(service: string, config: ServiceConfig, schema: Schema): Promise<DataSource> {
  const db = new DataSource({
    type: 'postgres',
    url: config.DATABASE_URL,
    entities: schema.entities,
    migrations: [...messagingMigrations, ...schema.migrations],
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: config.DATABASE_POOL,
    applicationName: service,
    extra: { connectionTimeoutMillis: 10_000, options: sessionOptions, ...keepAlive },
  });
  await db.initialize();
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

async function migrate(db: DataSource): Promise<void> {
  const holder = db.createQueryRunner();
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await db.runMigrations();
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    await holder.release();
  }
}

/**
 * What `work` gives; undefined, and nothing done, while another process of the service is at it. The lock, a number
 * within the service's own database, ends with the process that holds it.
 */
export async function asOnlyOne<T>(db: DataSource, lock: number, work: () => Promise<T>): Promise<T | undefined> {
  const holder = db.createQueryRunner();
  try {
    const [row] = (await holder.query('SELECT pg_try_advisory_lock($1) AS got', [lock])) as { got: boolean }[];
    if (!row?.got) return undefined;
    try {
      return await work();
    } finally {
      await holder.query('SELECT pg_advisory_unlock($1)', [lock]);
    }
  } finally {
    await holder.release();
  }
}

/**
 * The row, locked until the transaction ends (`FOR UPDATE`): whoever changes an entity locks it before it writes to the
 * outbox, which keeps its messages in order.
 *
 * Errors: `NotFound` `<noun>.unknown`, the noun being the class name without `Record`, `Copy` or `Entity`.
 */
export async function lockOrFail<T extends object>(
  entity: new () => T,
  where: FindOptionsWhere<T>,
  tx: EntityManager,
): Promise<T> {
  const row = await tx.findOne(entity, { where, lock: { mode: 'pessimistic_write' } });
  if (row) return row;
  const noun = nounOf(entity.name);
  throw new NotFound(`${noun}.unknown`, `there is no ${noun} \`${Object.values(where).join(' ')}\``);
}

const nounOf = (className: string): string =>
  className
    .replace(/(Record|Copy|Entity)$/, '')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .toLowerCase();

/**
 * Keeps a snapshot unless the stored one is as new or newer (`version`): snapshots may come twice or late.
 *
 * Shape: every column is written; one that the row lacks becomes NULL. False when nothing was written.
 */
export async function keepNewest<T extends { version: number }>(
  entity: new () => T,
  row: T,
  tx: EntityManager,
): Promise<boolean> {
  const { columns, primaryColumns, tablePath } = tx.dataSource.getMetadata(entity);
  const driver = tx.dataSource.driver;
  const name = (column: { databaseName: string }): string => driver.escape(column.databaseName);
  const values = columns.map((column): unknown =>
    driver.preparePersistentValue(column.getEntityValue(row) ?? null, column),
  );
  const kept = await tx.query<unknown[]>(
    `INSERT INTO ${driver.escape(tablePath)} AS kept (${columns.map(name).join(', ')})
     VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})
     ON CONFLICT (${primaryColumns.map(name).join(', ')})
     DO UPDATE SET ${columns.map((column) => `${name(column)} = EXCLUDED.${name(column)}`).join(', ')}
     WHERE kept.version < EXCLUDED.version
     RETURNING 1`,
    values,
  );
  return kept.length > 0;
}
