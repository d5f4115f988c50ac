import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { Exchange } from '../exchange.int.spec';
import { TimedWriter } from './ledger-writing.shared.spec';

let exchange: Exchange;
beforeAll(async () => void (exchange = await Exchange.start({ EXCHANGE_ROLES: 'ingest' })), 60_000);
afterAll(() => exchange.stop());

const tables = ['event_ids', 'latest_records'] as const;
/** How often each table was read as a whole, and how often by its key. */
async function reads(): Promise<Record<string, { whole: number; byKey: number }>> {
  const rows = await exchange.db.query<{ name: string; whole: string; byKey: string }[]>(
    `SELECT relname AS name, seq_scan AS whole, idx_scan AS "byKey" FROM pg_stat_user_tables WHERE relname = ANY($1)`,
    [tables],
  );
  return Object.fromEntries(
    rows.map(({ name, whole, byKey }) => [name, { whole: Number(whole), byKey: Number(byKey) }]),
  );
}

it('looks up what a batch needs by its key, however large the tables are', async () => {
  const { datasetId } = await exchange.dataset();
  // As many rows as PostgreSQL would rather read than look up a thousand of them, by what it expects of a disk.
  await exchange.db.query(
    `INSERT INTO event_ids (source, event_id, dataset_id, position, digest)
     SELECT '/tests/' || $1, 'old-' || n, $1, n, repeat('0', 64) FROM generate_series(1, 60000) AS n`,
    [datasetId],
  );
  await exchange.db.query(
    `INSERT INTO latest_records (dataset_id, record_key, position) SELECT $1, 'old-' || n, n FROM generate_series(1, 60000) AS n`,
    [datasetId],
  );
  await exchange.db.query('ANALYZE event_ids, latest_records');
  const before = await reads();
  const ids = Array.from({ length: 1_000 }, (_, i) => String(i));
  await new TimedWriter(exchange).write('2031-01-15T00:00:00Z', datasetId, ids);
  const after = await eventually(async () => {
    const now = await reads();
    for (const table of tables)
      expect(now[table]?.byKey).toBeGreaterThanOrEqual((before[table]?.byKey ?? NaN) + ids.length);
    return now;
  }, 30_000);
  for (const table of tables) expect(after[table]?.whole).toBe(before[table]?.whole);
}, 60_000);
