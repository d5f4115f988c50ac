import 'reflect-metadata';
import { messagingMigrations } from '@govbus/messaging';
import { FixedClock, registryMigrations } from '@govbus/platform';
import { createTestDatabase } from '@govbus/testing';
import { DataSource } from 'typeorm';
import { migrations } from '../data-source';
import { Exchange } from '../exchange.int.spec';
import { LedgerPeriods } from './ledger-periods';
import { positionAt, readLedger, readPeriodSql } from './ledger-reads.sql';
import { TimedWriter } from './ledger-writing.shared.spec';

let exchange: Exchange;
beforeAll(async () => (exchange = await Exchange.start()), 60_000);
afterAll(() => exchange.stop());

const months = Array.from({ length: 12 }, (_, i) => `2031-${String(i + 1).padStart(2, '0')}`);
const periodsOf = async (datasetId: string) =>
  (
    await exchange.db.query<{ period: string; position: string }[]>(
      'SELECT period::text, position FROM events WHERE dataset_id = $1 ORDER BY position',
      [datasetId],
    )
  ).map(({ period, position }) => [period, Number(position)]);

async function aYear(): Promise<string> {
  const { datasetId } = await exchange.dataset();
  const writer = new TimedWriter(exchange);
  for (const month of months) await writer.write(`${month}-15T12:00:00Z`, datasetId, [`${month}-a`, `${month}-b`]);
  return datasetId;
}

async function allOf(datasetId: string, limit: number): Promise<number[]> {
  const positions: number[] = [];
  for (;;) {
    const { rows } = await readLedger(datasetId, positions.at(-1) ?? 0, limit, exchange.db.manager);
    if (rows.length === 0) return positions;
    positions.push(...rows.map(({ position }) => position));
  }
}

describe('the partitions of the ledger', () => {
  it('are made on demand, a month each, and read through in order whatever the size of a chunk', async () => {
    const datasetId = await aYear();
    expect(await periodsOf(datasetId)).toEqual(
      months.flatMap((month, i) => [
        [`${month}-01`, 2 * i + 1],
        [`${month}-01`, 2 * i + 2],
      ]),
    );
    const all = Array.from({ length: 24 }, (_, i) => i + 1);
    for (const limit of [1, 2, 3, 500]) expect(await allOf(datasetId, limit)).toEqual(all);
  });

  it('leave a read one index range of one partition', async () => {
    const datasetId = await aYear();
    const plan = await exchange.db.transaction(async (tx) => {
      // The tables of a spec are so small that reading all of one would be cheaper.
      await tx.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off');
      const rows = await tx.query<Record<string, string>[]>(`EXPLAIN ${readPeriodSql}`, [
        datasetId,
        '2031-06-01',
        10,
        500,
      ]);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toContain('Index Scan using events_2031_06_pkey');
    expect(plan.match(/events_\d{4}_\d\d\b(?!_)/g)).toEqual(['events_2031_06']);
  });

  it('tell from which position on a time is, in any month', async () => {
    const datasetId = await aYear();
    const at = (time: string) => positionAt(datasetId, new Date(time), 24, exchange.db.manager);
    expect(await at('2030-01-01T00:00:00Z')).toBe(1);
    expect(await at('2031-06-15T12:00:00Z')).toBe(11);
    expect(await at('2031-06-15T12:00:01Z')).toBe(13);
    expect(await at('2032-01-01T00:00:00Z')).toBeUndefined();
  });

  it('rise with the positions, even when the clock goes back', async () => {
    const { datasetId } = await exchange.dataset();
    const { datasetId: other } = await exchange.dataset();
    const writer = new TimedWriter(exchange);
    await writer.write('2032-03-01T00:00:00Z', datasetId, ['1']);
    await writer.write('2032-02-28T23:59:59Z', datasetId, ['2']);
    await writer.write('2032-02-28T23:59:59Z', other, ['1']);
    expect(await periodsOf(datasetId)).toEqual([
      ['2032-03-01', 1],
      ['2032-03-01', 2],
    ]);
    expect(await periodsOf(other)).toEqual([['2032-02-01', 1]]);
  });

  it('are made ahead, by several processes at once, and nothing catches what has none', async () => {
    const clock = new FixedClock(new Date('2033-12-31T23:59:59Z'));
    await Promise.all([1, 2, 3].map(() => new LedgerPeriods(exchange.db, clock).prepareAhead()));
    const made = await exchange.db.query<object[]>(
      `SELECT relname FROM pg_class WHERE relname IN ('events_2033_12', 'events_2034_01') AND relispartition`,
    );
    expect(made).toHaveLength(2);
    await expect(
      exchange.db.query(
        `INSERT INTO events SELECT dataset_id, 999, source, event_id, type, record_key, recorded_at, publisher,
                                   schema_version, digest, attributes, data, '2034-02-01' FROM events LIMIT 1`,
      ),
    ).rejects.toThrow('no partition');
  });
});

it('the ledger of an earlier version becomes the first partition', async () => {
  const before = migrations.filter(({ name }) => Number(name.slice(-13)) < 1796000000050);
  const { url } = await createTestDatabase('upgrade', [...messagingMigrations, ...registryMigrations, ...before]);
  const all = [...messagingMigrations, ...registryMigrations, ...migrations];
  const db = await new DataSource({
    type: 'postgres',
    url,
    migrations: all,
    migrationsTransactionMode: 'each',
  }).initialize();
  try {
    await db.query(`
      INSERT INTO dataset_heads (dataset_id, last_position) VALUES ('old', 3), ('empty', 0);
      INSERT INTO events SELECT 'old', n, '/s', n, 't', 'k', '2020-01-01', 'p', 1, 'd', '{}', '{}' FROM generate_series(1, 3) n`);
    await db.runMigrations();
    const { rows, head } = await readLedger('old', 0, 10, db.manager);
    expect([rows.map(({ position }) => position), head]).toEqual([[1, 2, 3], 3]);
    expect(await readLedger('empty', 0, 10, db.manager)).toEqual({ rows: [], head: 0 });
    expect(await positionAt('old', new Date('2019-01-01'), 3, db.manager)).toBe(1);
    const [{ first } = { first: '' }] = await db.query<{ first: string }[]>(
      'SELECT DISTINCT tableoid::regclass::text AS first FROM events',
    );
    await expect(db.query(`INSERT INTO ${first} SELECT * FROM ${first} WHERE position = 1`)).rejects.toThrow(
      'duplicate key',
    );
  } finally {
    await db.destroy();
  }
});
