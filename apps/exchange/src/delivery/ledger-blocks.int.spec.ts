import 'reflect-metadata';
import type { LRUCache } from 'lru-cache';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';
import { type LedgerRow, readLedger } from '../ledger/ledger-reads.sql';
import { LedgerBlocks } from './ledger-blocks';

let exchange: Exchange;
let publisher: Caller;
let datasetId: string;
const events = 1_100;

beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
  ({ datasetId } = await exchange.dataset());
  for (let from = 1; from <= events; from += 100)
    await exchange.publishBatch(
      publisher,
      Array.from({ length: 100 }, (_, i) => event(datasetId, String(from + i))),
    );
  await exchange.ledgerAt(datasetId, events);
}, 60_000);
afterAll(() => exchange.stop());

/** Everything behind `after`, chunk by chunk. */
async function allOf(blocks: LedgerBlocks, after: number, limit: number): Promise<number[]> {
  const positions: number[] = [];
  for (let at = after; ;) {
    const { rows, head } = await blocks.read(datasetId, at, limit, exchange.db.manager);
    expect(head).toBe(events);
    if (rows.length === 0) return positions;
    expect(rows.length).toBeLessThanOrEqual(limit);
    positions.push(...rows.map(({ position }) => position));
    at = positions.at(-1) ?? at;
  }
}
const from = (after: number): number[] => Array.from({ length: events - after }, (_, i) => after + 1 + i);

it.each([
  [0, 500],
  [0, 37],
  [3, 500],
  [499, 100],
  [500, 500],
  [1_050, 500],
  [1_100, 500],
])('gives what the table gives behind %i, %i at a time, the first time and again', async (after, limit) => {
  const blocks = new LedgerBlocks();
  expect(await allOf(blocks, after, limit)).toEqual(from(after));
  expect(await allOf(blocks, after, limit)).toEqual(from(after));
  expect(await allOf(blocks, 0, 500)).toEqual(from(0));
});

it('gives the same rows to all, and reads a whole block once', async () => {
  const blocks = new LedgerBlocks();
  await blocks.read(datasetId, 0, 500, exchange.db.manager);
  const [first, second] = [
    await blocks.read(datasetId, 0, 500, exchange.db.manager),
    await blocks.read(datasetId, 100, 500, exchange.db.manager),
  ];
  expect(second.rows[0]).toBe(first.rows[100]);
  expect(first).toEqual(await readLedger(datasetId, 0, 500, exchange.db.manager));
});

it('goes on behind what retention has removed', async () => {
  const { datasetId: old } = await exchange.dataset();
  const batch = Array.from({ length: 600 }, (_, i) => event(old, String(i + 1)));
  await exchange.publishBatch(publisher, batch);
  await exchange.ledgerAt(old, 600);
  await exchange.db.query('DELETE FROM events WHERE dataset_id = $1 AND position <= 550', [old]);
  const blocks = new LedgerBlocks();
  for (const after of [0, 100, 499, 500, 549]) {
    const first = await blocks.read(old, after, 500, exchange.db.manager);
    const again = await blocks.read(old, after, 500, exchange.db.manager);
    for (const { rows } of [first, again]) expect(rows.map(({ position }) => position)[0]).toBe(551);
  }
});

describe('what tombstones removed', () => {
  const [kib, mib] = [1024, 1024 * 1024];
  const name = 'x'.repeat(200 * kib);

  /** Large records, the tombstones of all of them, and small records behind them. */
  async function removed(records: number, small: number): Promise<string> {
    const { datasetId: id } = await exchange.dataset();
    const numbers = Array.from({ length: records }, (_, i) => i + 1);
    for (const n of numbers) await exchange.publish(publisher, event(id, String(n), { name }));
    const rest = [
      ...numbers.map((n) => ({ ...event(id, `removal-${n}`), tombstone: true, data: { key: `key-${n}` } })),
      ...Array.from({ length: small }, (_, i) => event(id, `small-${i}`)),
    ];
    for (let at = 0; at < rest.length; at += 100) await exchange.publishBatch(publisher, rest.slice(at, at + 100));
    await exchange.ledgerAt(id, records + rest.length);
    return id;
  }
  const bytesOf = (rows: LedgerRow[]): number =>
    rows.reduce((sum, { data = '', tombstone }) => sum + data.length + (tombstone?.removed?.data.length ?? 0), 0);

  it('counts in the size of a chunk, which ends before it is too much', async () => {
    const id = await removed(60, 0);
    const positions: number[] = [];
    for (let at = 0; at < 120; at = positions.at(-1) ?? at) {
      const { rows } = await readLedger(id, at, 500, exchange.db.manager);
      expect(rows.length).toBeGreaterThan(0);
      const bytes = bytesOf(rows);
      expect(bytes).toBeLessThan(8 * mib + 500 * kib);
      expect(rows.reduce((sum, { size }) => sum + size, 0)).toBe(bytes);
      for (const { position, tombstone } of rows)
        expect((tombstone?.removed?.data.length ?? 0) > name.length).toBe(position > 60);
      positions.push(...rows.map(({ position }) => position));
    }
    expect(positions).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  }, 60_000);

  it('counts in the size of what is kept', async () => {
    const id = await removed(15, 470);
    const blocks = new LedgerBlocks();
    // The first time tells that there is a whole block.
    for (let i = 0; i < 2; i += 1) await blocks.read(id, 0, 500, exchange.db.manager);
    const { rows } = await blocks.read(id, 0, 500, exchange.db.manager);
    const kept = Reflect.get(blocks, 'blocks') as LRUCache<string, LedgerRow[]>;
    expect(kept.calculatedSize).toBe(bytesOf(rows) + 500 * 200);
    expect(kept.calculatedSize).toBeGreaterThan(2 * 15 * 200 * kib);
  }, 60_000);
});
