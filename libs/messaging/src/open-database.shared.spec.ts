import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { messagingMigrations } from './migrations';

export const openDatabase = (url: string): Promise<DataSource> =>
  new DataSource({
    type: 'postgres',
    url,
    migrations: messagingMigrations,
    migrationsTransactionMode: 'each',
    extra: { connectionTimeoutMillis: 2_000 },
  }).initialize();
