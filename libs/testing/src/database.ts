import { randomBytes } from 'node:crypto';
import { DataSource, type MigrationInterface } from 'typeorm';

export type TestDatabase = { url: string };

/** A database of its own on the run's PostgreSQL (`TEST_DATABASE_URL`), migrated. */
export async function createTestDatabase(
  name: string,
  migrations: (new () => MigrationInterface)[],
): Promise<TestDatabase> {
  const server = new URL(process.env.TEST_DATABASE_URL ?? 'missing: TEST_DATABASE_URL');
  const database = `${name.replaceAll('-', '_')}_${randomBytes(6).toString('hex')}`;
  const admin = await new DataSource({ type: 'postgres', url: server.href }).initialize();
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.destroy();
  server.pathname = database;
  const db = await new DataSource({
    type: 'postgres',
    url: server.href,
    migrations,
    migrationsTransactionMode: 'each',
  }).initialize();
  await db.runMigrations();
  await db.destroy();
  return { url: server.href };
}
