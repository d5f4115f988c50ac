import 'reflect-metadata';
import { DatasetRecord, type DatasetRecordV1 } from '@govbus/contracts';
import { Audit, createLogger, FixedClock } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { DatasetConsumer } from '../datasets/dataset.consumer';
import { type Caller, envelope, event, Exchange, marker } from '../exchange.int.spec';
import { TimedWriter } from '../ledger/ledger-writing.shared.spec';
import { Retention } from './retention';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;
beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

const retentionAt = (time: string): Retention => {
  const { db, app } = exchange;
  return new Retention(db, app.get(Audit), new FixedClock(new Date(time)), createLogger('spec', 'silent'));
};
const retainAt = (time: string): Promise<void> => retentionAt(time).run();
const change = (record: DatasetRecordV1, over: Partial<DatasetRecordV1>) =>
  exchange.app.get(DatasetConsumer).apply(envelope(DatasetRecord, { ...record, ...over, version: record.version + 1 }));
const keptOf = async (datasetId: string): Promise<number[]> =>
  (
    await exchange.db.query<{ position: string }[]>(
      'SELECT position FROM events WHERE dataset_id = $1 ORDER BY position',
      [datasetId],
    )
  ).map(({ position }) => Number(position));
const partitions = async (year: string): Promise<string[]> =>
  (
    await exchange.db.query<{ name: string }[]>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
        WHERE inhparent = 'events'::regclass AND inhrelid::regclass::text LIKE $1 ORDER BY 1`,
      [`events\\_${year}%`],
    )
  ).map(({ name }) => name);
const retained = async (datasetId: string) =>
  (await exchange.entries(datasetId))
    .filter(({ operation }) => operation === 'ledger:retain')
    .map(({ positions, records, actor }) => ({ positions, records, actor }));
const ledgerOf = async (datasetId: string) =>
  (await exchange.call('GET', `/v1/datasets/${datasetId}/ledger`, publisher)).body;
const actor = { id: 'exchange', kind: 'service' };
const same = { key: 'same' };

async function subscribe(datasetId: string, startFrom: unknown): Promise<string> {
  const { agreementId } = await exchange.agreement(datasetId);
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom };
  const made = await exchange.call('POST', '/v1/subscriptions', reader, order);
  expect(made.status).toBe(201);
  return String(made.body.subscriptionId);
}
const pull = async (subscriptionId: string) => {
  const { body } = await exchange.call('GET', `/v1/subscriptions/${subscriptionId}/events`, reader);
  return { ids: (body.events as { id: string }[]).map(({ id }) => Number(id)), hasMore: body.hasMore };
};

describe('retention', () => {
  it('removes what is past, keeps the latest record of each key, and records what went', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 30 });
    const writer = new TimedWriter(exchange);
    await writer.write('2001-01-01T00:00:00Z', datasetId, ['1', '2'], same);
    await writer.write('2001-01-02T00:00:00Z', datasetId, ['3']);
    await writer.write('2001-02-20T00:00:00Z', datasetId, ['4', '5'], same);
    await retainAt('2001-03-01T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([3, 4, 5]);
    expect(await retained(datasetId)).toEqual([{ positions: { first: 1, last: 2 }, records: 2, actor }]);
    expect(await ledgerOf(datasetId)).toMatchObject({ firstPosition: 3, lastPosition: 5, events: 3, records: 2 });
    await retainAt('2001-03-01T00:00:00Z');
    expect(await retained(datasetId)).toHaveLength(1);
    expect(await exchange.outboxText()).not.toContain(marker);
    // The next day there is more; not before, for it is looked at once a day.
    await retainAt('2001-06-01T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([3, 5]);
  });

  it('drops a whole month when nothing in it stays, and not while another dataset needs it', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 10 });
    const other = await exchange.dataset({ retentionDays: 100 });
    const writer = new TimedWriter(exchange);
    for (const id of [datasetId, other.datasetId]) {
      await writer.write('2002-01-05T00:00:00Z', id, ['1', '2'], same);
      await writer.write('2002-02-05T00:00:00Z', id, ['3'], same);
    }
    await retainAt('2002-02-12T00:00:00Z');
    expect([await keptOf(datasetId), await keptOf(other.datasetId)]).toEqual([[3], [1, 2, 3]]);
    expect(await partitions('2002')).toEqual(['events_2002_01', 'events_2002_02']);
    await retainAt('2002-08-01T00:00:00Z');
    // February holds the latest record.
    expect(await partitions('2002')).toEqual(['events_2002_02']);
    expect([await keptOf(datasetId), await keptOf(other.datasetId)]).toEqual([[3], [3]]);
    expect(await retained(other.datasetId)).toEqual([{ positions: { first: 1, last: 2 }, records: 2, actor }]);
  });

  it('leaves a dataset under legal hold as it is, and everything that has no retention', async () => {
    const held = await exchange.dataset({ retentionDays: 1, legalHold: true });
    const endless = await exchange.dataset();
    const writer = new TimedWriter(exchange);
    for (const { datasetId } of [held, endless])
      await writer.write('2003-01-05T00:00:00Z', datasetId, ['1', '2'], same);
    await retainAt('2004-01-01T00:00:00Z');
    expect([await keptOf(held.datasetId), await keptOf(endless.datasetId)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    await change(held, { legalHold: false });
    await retainAt('2004-01-01T00:00:00Z');
    expect([await keptOf(held.datasetId), await keptOf(endless.datasetId)]).toEqual([[2], [1, 2]]);
    expect(await partitions('2003')).toEqual(['events_2003_01']);
  });

  it('keeps what a tombstone removed for as long as the tombstone', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 30 });
    const writer = new TimedWriter(exchange);
    await writer.write('2005-01-01T00:00:00Z', datasetId, ['1'], same);
    await writer.write('2005-02-20T00:00:00Z', datasetId, ['2'], same);
    await exchange.db.query('DELETE FROM latest_records WHERE dataset_id = $1', [datasetId]);
    await exchange.db.query('INSERT INTO tombstones VALUES ($1, 2, 1)', [datasetId]);
    await retainAt('2005-03-01T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([1, 2]);
    await retainAt('2005-05-01T00:00:00Z');
    await retainAt('2005-05-03T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([]);
    expect(await ledgerOf(datasetId)).toMatchObject({ firstPosition: 3, lastPosition: 2, events: 0 });
    expect(await exchange.db.query('SELECT 1 FROM tombstones WHERE dataset_id = $1', [datasetId])).toEqual([]);
    // The ledger goes on where it was.
    await writer.write('2005-05-04T00:00:00Z', datasetId, ['3']);
    expect(await keptOf(datasetId)).toEqual([3]);
  });

  it('knows the id of what it removed for thirty days, so that it is not stored again', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 1 });
    const writer = new TimedWriter(exchange);
    await writer.write('2006-01-01T00:00:00Z', datasetId, ['1', '2'], same);
    await retainAt('2006-01-05T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([2]);
    await writer.write('2006-01-06T00:00:00Z', datasetId, ['1'], same);
    expect(await keptOf(datasetId)).toEqual([2]);
    const known = () =>
      exchange.db.query<object[]>(`SELECT 1 FROM event_ids WHERE source = $1`, [`/tests/${datasetId}`]);
    const again = () =>
      exchange.db.query<object[]>(`SELECT 1 FROM event_duplicates WHERE source = $1`, [`/tests/${datasetId}`]);
    expect(await known()).toHaveLength(2);
    expect(await again()).toHaveLength(1);
    await retainAt('2006-02-01T00:00:00Z');
    expect(await known()).toHaveLength(1);
    expect(await again()).toEqual([]);
  });

  it('removes what came under a taken id and records that too, but not under a hold that came meanwhile', async () => {
    const dataset = await exchange.dataset({ retentionDays: 30 });
    const { datasetId } = dataset;
    const writer = new TimedWriter(exchange);
    await writer.write('2009-01-01T00:00:00Z', datasetId, ['1'], same);
    await writer.write('2009-01-01T00:00:00Z', datasetId, ['1'], { key: 'other' });
    await writer.write('2009-02-25T00:00:00Z', datasetId, ['1'], { key: 'late' });
    expect(await ledgerOf(datasetId)).toMatchObject({ conflicts: 2 });
    const now = '2009-03-01T00:00:00Z';
    await change(dataset, { legalHold: true });
    const due = { datasetId, retentionDays: 30, version: dataset.version };
    expect(await retentionAt(now)['removeFrom'](due, new Date(now), () => false)).toBe(false);
    expect(await ledgerOf(datasetId)).toMatchObject({ conflicts: 2 });
    await change({ ...dataset, version: 2 }, { legalHold: false });
    await retainAt(now);
    expect(await ledgerOf(datasetId)).toMatchObject({ conflicts: 1, events: 1 });
    const entries = (await exchange.entries(datasetId)).filter(({ operation }) => operation === 'ledger:retain');
    expect(entries).toMatchObject([{ entity: 'conflicts', records: 1, actor }]);
  });

  it('works in bounded batches, one process at a time, and once for all of them', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 1 });
    const writer = new TimedWriter(exchange);
    const ids = Array.from({ length: 4_500 }, (_, i) => String(i + 1));
    await writer.write('2007-01-01T00:00:00Z', datasetId, ids, same);
    await Promise.all([1, 2, 3].map(() => retainAt('2007-01-20T00:00:00Z')));
    expect(await keptOf(datasetId)).toEqual([4_500]);
    expect((await retained(datasetId)).map(({ positions }) => positions)).toEqual([
      { first: 1, last: 2_000 },
      { first: 2_001, last: 4_000 },
      { first: 4_001, last: 4_499 },
    ]);
  });
});

describe('a reader of a ledger of which the beginning is gone', () => {
  it('begins at what is kept, from the beginning as from an earlier position', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 1 });
    const writer = new TimedWriter(exchange);
    await writer.write('2008-01-01T00:00:00Z', datasetId, ['1', '2', '3', '4'], same);
    await writer.write('2008-03-01T00:00:00Z', datasetId, ['5']);
    const old = await subscribe(datasetId, { position: 2 });
    await retainAt('2008-02-20T00:00:00Z');
    for (const id of [old, await subscribe(datasetId, 'beginning'), await subscribe(datasetId, { position: 3 })])
      expect(await pull(id)).toEqual({ ids: [4, 5], hasMore: false });
  });

  it('is at its end where nothing is left, and goes on with the next event', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 1 });
    const writer = new TimedWriter(exchange);
    await writer.write('2009-01-01T00:00:00Z', datasetId, ['1', '2'], same);
    await exchange.db.query('DELETE FROM latest_records WHERE dataset_id = $1', [datasetId]);
    const id = await subscribe(datasetId, 'beginning');
    await retainAt('2009-03-01T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([]);
    expect(await pull(id)).toEqual({ ids: [], hasMore: false });
    await exchange.publish(publisher, event(datasetId, '3'));
    await exchange.ledgerAt(datasetId, 3);
    await eventually(async () => expect(await pull(id)).toEqual({ ids: [3], hasMore: false }));
  });
});
