import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { DatasetRecord, type DatasetRecordV1 } from '@govbus/contracts';
import { Audit, createLogger, FixedClock } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { RegistryWatch } from '../agreements/registry-watch';
import { DatasetConsumer } from '../datasets/dataset.consumer';
import { type Caller, envelope, event, Exchange, marker } from '../exchange.int.spec';
import { LedgerPeriods } from '../ledger/ledger-periods';
import { TimedWriter } from '../ledger/ledger-writing.shared.spec';
import { emptyLedger } from '../ledger-rebuild/ledger-rebuild.sql';
import { Retention } from './retention';
import { dueDatasets } from './retention.sql';
import { RetentionWorker } from './retention.worker';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;
beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

const logger = createLogger('spec', 'silent');
const retentionAt = (time: string): Retention => {
  const { db, app, config } = exchange;
  return new Retention(db, app.get(RegistryWatch), app.get(Audit), new FixedClock(new Date(time)), config, logger);
};
const retainAt = (time: string): Promise<boolean> => retentionAt(time).run();
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
const removals = async (datasetId: string) =>
  (await exchange.entries(datasetId)).filter(({ operation }) => operation === 'ledger:retain');
const retained = async (datasetId: string) =>
  (await removals(datasetId)).map(({ positions, records, actor }) => ({ positions, records, actor }));
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
    expect(await removals(datasetId)).toMatchObject([{ entity: 'conflicts', records: 1, actor }]);
  });

  it('finds what is due behind what a clock that was ahead recorded', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 30 });
    const writer = new TimedWriter(exchange);
    await writer.write('2018-03-20T00:00:00Z', datasetId, ['1', '2'], same);
    await writer.write('2018-01-02T00:00:00Z', datasetId, ['3', '4'], same);
    await retainAt('2018-04-04T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([1, 2, 4]);
  });

  it('takes no more at once of a month that goes as a whole, so that a change of its datasets need not wait', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 1 });
    const writer = new TimedWriter(exchange);
    const ids = Array.from({ length: 4_100 }, (_, i) => String(i + 1));
    await writer.write('2010-01-01T00:00:00Z', datasetId, ids, same);
    await writer.write('2010-02-01T00:00:00Z', datasetId, ['last'], same);
    await retainAt('2010-04-01T00:00:00Z');
    expect(await keptOf(datasetId)).toEqual([4_101]);
    expect((await retained(datasetId)).map(({ records }) => records)).toEqual([2_000, 2_000, 100]);
    expect(await partitions('2010')).toEqual(['events_2010_02']);
  });

  it('drops no month that somebody reads, or in which is what no dataset is known to have', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 1 });
    const writer = new TimedWriter(exchange);
    await writer.write('2011-01-01T00:00:00Z', datasetId, ['1'], same);
    await writer.write('2011-02-01T00:00:00Z', datasetId, ['2'], same);
    const reader = exchange.db.createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT 1 FROM events LIMIT 1');
    await retainAt('2011-04-01T00:00:00Z');
    expect([await keptOf(datasetId), await partitions('2011')]).toEqual([[2], ['events_2011_01', 'events_2011_02']]);
    await reader.commitTransaction();
    await reader.release();
    await exchange.db.query(`DELETE FROM ledger_periods WHERE dataset_id = $1`, [datasetId]);
    await retainAt('2011-04-01T00:00:00Z');
    expect([await keptOf(datasetId), await partitions('2011')]).toEqual([[2], ['events_2011_02']]);
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

describe('the disclosures', () => {
  const disclosedAt = async (datasetId: string, times: number, at: string) => {
    const { agreementId } = await exchange.agreement(datasetId);
    await exchange.db.query(
      `INSERT INTO disclosures (disclosure_id, agreement_id, agreement_version, purpose, mode, principal, first_position,
                                last_position, records, disclosed_at)
       SELECT gen_random_uuid(), $1, 1, 'case-handling', 'query', 'p', 1, 1, 1, $3 FROM generate_series(1, $2)`,
      [agreementId, times, at],
    );
    return agreementId;
  };
  const countOf = async (...agreementIds: string[]) =>
    (
      await exchange.db.query<object[]>('SELECT 1 FROM disclosures WHERE agreement_id = ANY($1::uuid[])', [
        agreementIds,
      ])
    ).length;

  it('go after 400 days, in batches, each with its entry; those under a hold stay', async () => {
    const [{ datasetId }, held] = [await exchange.dataset(), await exchange.dataset({ legalHold: true })];
    const old = await disclosedAt(datasetId, 2_001, '2012-01-01T00:00:00Z');
    const newer = await disclosedAt(datasetId, 1, '2012-01-03T00:00:00Z');
    const underHold = await disclosedAt(held.datasetId, 1, '2012-01-01T00:00:00Z');
    // 2012 has 366 days.
    await retainAt('2013-02-04T00:00:00Z');
    expect([await countOf(old), await countOf(newer, underHold)]).toEqual([2_001, 2]);
    await retainAt('2013-02-05T00:00:00Z');
    expect([await countOf(old), await countOf(newer, underHold)]).toEqual([0, 2]);
    const entries = [2_000, 1].map((records) => ({ records, entity: 'disclosures', agreementId: old, actor }));
    expect(await removals(datasetId)).toMatchObject(entries);
    await change(held, { legalHold: false });
    await retainAt('2013-02-05T00:00:00Z');
    expect([await countOf(newer), await countOf(underHold)]).toEqual([1, 0]);
  });

  it('stay while a hold may not have arrived', async () => {
    const old = await disclosedAt((await exchange.dataset()).datasetId, 1, '2012-01-01T00:00:00Z');
    await exchange.registryIsKnown('-infinity');
    expect([await retainAt('2014-01-01T00:00:00Z'), await countOf(old)]).toEqual([false, 1]);
    await exchange.registryIsKnown();
    expect([await retainAt('2014-01-01T00:00:00Z'), await countOf(old)]).toEqual([true, 0]);
  });
});

describe('while a hold may not have arrived', () => {
  it('nothing is removed, and all of it later', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 30 });
    const writer = new TimedWriter(exchange);
    await writer.write('2013-01-01T00:00:00Z', datasetId, ['1', '2'], same);
    await writer.write('2013-01-01T00:00:00Z', datasetId, ['1'], { key: 'other' });
    await writer.write('2013-02-01T00:00:00Z', datasetId, ['3'], same);
    await exchange.registryIsKnown('-infinity');
    expect(await retainAt('2013-04-01T00:00:00Z')).toBe(false);
    expect(await keptOf(datasetId)).toEqual([1, 2, 3]);
    expect(await ledgerOf(datasetId)).toMatchObject({ conflicts: 1 });
    expect(await removals(datasetId)).toEqual([]);
    await exchange.registryIsKnown();
    expect(await retainAt('2013-04-01T00:00:00Z')).toBe(true);
    expect(await keptOf(datasetId)).toEqual([3]);
    expect(await ledgerOf(datasetId)).toMatchObject({ conflicts: 0 });
  });

  it('a process that has just started looks again soon', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 30 });
    await new TimedWriter(exchange).write('2014-01-01T00:00:00Z', datasetId, ['1', '2'], same);
    await exchange.registryIsKnown('-infinity');
    const retention = retentionAt('2014-04-01T00:00:00Z');
    const worker = new RetentionWorker(exchange.app.get(LedgerPeriods), retention, logger);
    worker.onApplicationBootstrap();
    try {
      await worker['running'];
      expect(await keptOf(datasetId)).toEqual([1, 2]);
      await exchange.registryIsKnown();
      await eventually(async () => expect(await keptOf(datasetId)).toEqual([2]), 20_000);
    } finally {
      await worker.beforeApplicationShutdown();
    }
  }, 30_000);
});

describe('a dataset of which a part was looked at', () => {
  const [began, wentOn, nextDay] = ['2015-04-01T00:00:00Z', '2015-04-01T06:00:00Z', '2015-04-02T07:00:00Z'];
  const ids = Array.from({ length: 4_500 }, (_, i) => String(i + 1));
  const all = ids.map(Number);
  const without = (...gone: number[]) => all.filter((position) => !gone.includes(position));

  /** All are the latest of their keys, but for the first and the 3,000th: since the first 2,000 were looked at. */
  async function begun(over: Partial<DatasetRecordV1> = {}): Promise<DatasetRecordV1> {
    const dataset = await exchange.dataset({ retentionDays: 30, ...over });
    const writer = new TimedWriter(exchange);
    await writer.write('2015-01-01T00:00:00Z', dataset.datasetId, ids);
    const due = { datasetId: dataset.datasetId, retentionDays: 30, version: 1 };
    let batches = 0;
    const isDone = await retentionAt(began)['removeFrom'](due, new Date(began), () => (batches += 1) > 1);
    expect([isDone, await keptOf(dataset.datasetId)]).toEqual([false, all]);
    for (const id of ['1', '3000'])
      await writer.write('2015-03-20T00:00:00Z', dataset.datasetId, [`${id}-anew`], { key: `key-${id}` });
    return dataset;
  }
  const keptOfFirst = async (datasetId: string) => (await keptOf(datasetId)).filter((position) => position <= 4_500);

  it('is gone on with where that ended, and begun anew the next day', async () => {
    const { datasetId } = await begun();
    await retainAt(wentOn);
    expect(await keptOfFirst(datasetId)).toEqual(without(3_000));
    await retainAt(wentOn);
    expect(await keptOfFirst(datasetId)).toEqual(without(3_000));
    await retainAt(nextDay);
    expect(await keptOfFirst(datasetId)).toEqual(without(1, 3_000));
  });

  it.each<[string, Partial<DatasetRecordV1>[]]>([
    ['shorter retention', [{ retentionDays: 20 }]],
    ['longer retention', [{ retentionDays: 40 }]],
    ['hold that came and went', [{ legalHold: true }, { legalHold: false }]],
  ])('is begun anew under a %s', async (_, changes) => {
    const dataset = await begun();
    for (const [n, over] of changes.entries()) await change({ ...dataset, version: 1 + n }, over);
    await retainAt(wentOn);
    expect(await keptOfFirst(dataset.datasetId)).toEqual(without(1, 3_000));
  });

  it('is begun anew when its ledger was rebuilt', async () => {
    const { datasetId } = await begun();
    await exchange.db.transaction((tx) => emptyLedger('spec', tx));
    await new TimedWriter(exchange).write('2015-01-01T00:00:00Z', datasetId, ids, same);
    await retainAt(wentOn);
    expect(await keptOf(datasetId)).toEqual([4_500]);
  });

  it('is gone on with in a later month too, and each month ends once', async () => {
    const { datasetId } = await exchange.dataset({ retentionDays: 30 });
    const writer = new TimedWriter(exchange);
    for (const month of ['01', '02', '03']) await writer.write(`2016-${month}-10T00:00:00Z`, datasetId, [month], same);
    const retention = retentionAt('2016-06-01T00:00:00Z');
    const due = { datasetId, retentionDays: 30, version: 1 };
    // A batch each, and one more for the end of January and of February.
    for (const kept of [[2, 3], [2, 3], [3], [3], [3]]) {
      let batches = 0;
      const isStopping = () => (batches += 1) > 1;
      expect(await retention['removeFrom'](due, new Date('2016-06-01T00:00:00Z'), isStopping)).toBe(false);
      expect(await keptOf(datasetId)).toEqual(kept);
    }
    await retainAt('2016-06-01T00:00:00Z');
    expect(await partitions('2016')).toEqual(['events_2016_03']);
    expect(await retained(datasetId)).toHaveLength(2);
  });
});

describe('a round', () => {
  const dueIds = async (at: string) =>
    (await dueDatasets(new Date(at), exchange.db.manager)).map(({ datasetId }) => datasetId);
  const removable = async (over: Partial<DatasetRecordV1> = {}): Promise<string> => {
    const { datasetId } = await exchange.dataset({ retentionDays: 30, ...over });
    await new TimedWriter(exchange).write('2017-01-01T00:00:00Z', datasetId, ['1', '2'], same);
    return datasetId;
  };
  /** An id that nothing is known of any more once a round has come so far. */
  const oldId = async (source: string) =>
    exchange.db.query(
      `INSERT INTO removed_ids (dataset_id, source, event_id, forget_after) VALUES ('spec', $1, '1', $2)`,
      [source, '2017-01-01T00:00:00Z'],
    );
  const isKnown = async (source: string) =>
    (await exchange.db.query<object[]>('SELECT 1 FROM removed_ids WHERE source = $1', [source])).length > 0;

  it('takes first what was never looked at, and then what was looked at longest ago', async () => {
    const [first, second, never] = [await removable(), await removable(), await removable()].toSorted().toReversed();
    for (const [at, datasetId] of [
      ['2017-03-01T00:00:00Z', first],
      ['2017-03-02T00:00:00Z', second],
    ])
      await exchange.db.query(
        'INSERT INTO dataset_retention (dataset_id, examined_at, examined_version) VALUES ($1, $2, 1)',
        [datasetId, at],
      );
    const ids = [first, second, never];
    expect((await dueIds('2017-04-01T00:00:00Z')).filter((id) => ids.includes(id))).toEqual([never, first, second]);
    await retainAt('2017-04-01T00:00:00Z');
    expect(await dueIds('2017-03-31T00:00:00Z')).toEqual([]);
  });

  it('waits while a hold may not have arrived, and goes on', async () => {
    const datasetId = await removable();
    await exchange.registryIsKnown('-infinity');
    let asked = 0;
    let known: Promise<void> | undefined;
    // Asked before the first batch, and again when that has failed.
    const isStopping = (): boolean => {
      if ((asked += 1) > 1) known ??= exchange.registryIsKnown();
      return false;
    };
    expect(await retentionAt('2017-04-01T00:00:00Z').run(isStopping)).toBe(true);
    await known;
    expect(await keptOf(datasetId)).toEqual([2]);
  });

  it('does what needs no surety about holds even if it waits for that in vain', async () => {
    const [datasetId, source] = [await removable(), '/tests/unsure'];
    await oldId(source);
    await exchange.db.query(
      `CREATE TABLE events_2017_02 PARTITION OF events FOR VALUES FROM ('2017-02-01') TO ('2017-03-01')`,
    );
    await exchange.registryIsKnown('-infinity');
    expect(await retainAt('2017-04-02T00:00:00Z')).toBe(false);
    await exchange.registryIsKnown();
    expect([await keptOf(datasetId), await isKnown(source)]).toEqual([[1, 2], false]);
    expect(await partitions('2017')).toEqual(['events_2017_01']);
  });

  it('is not kept from the other datasets and parts by one that fails', async () => {
    const failing = await removable({ datasetId: `a-${randomUUID()}` });
    const [other, source] = [await removable({ datasetId: `b-${randomUUID()}` }), '/tests/after-failure'];
    await oldId(source);
    await exchange.db.query(`
      CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$;
      CREATE TRIGGER kept BEFORE DELETE ON events FOR EACH ROW WHEN (OLD.dataset_id = '${failing}') EXECUTE FUNCTION keep()`);
    await retainAt('2017-04-03T00:00:00Z');
    await exchange.db.query('DROP TRIGGER kept ON events');
    expect([await keptOf(failing), await keptOf(other), await isKnown(source)]).toEqual([[1, 2], [2], false]);
    await retainAt('2017-04-03T00:00:00Z');
    expect(await keptOf(failing)).toEqual([2]);
  });

  it('gives the others their turn before a large dataset is done', async () => {
    const large = await removable({ datasetId: `a-${randomUUID()}` });
    const [other, source] = [await removable({ datasetId: `b-${randomUUID()}` }), '/tests/behind-a-large-one'];
    await oldId(source);
    // Months in which nothing is left: a batch each, before the one with its events.
    await exchange.db.query(
      `INSERT INTO ledger_periods
       SELECT $1, month, 1 FROM generate_series(date '1970-01-01', '2013-01-01', interval '1 month') AS month`,
      [large],
    );
    expect(await retainAt('2017-04-04T00:00:00Z')).toBe(false);
    expect([await keptOf(large), await keptOf(other), await isKnown(source)]).toEqual([[1, 2], [2], false]);
    expect(await retainAt('2017-04-04T00:00:00Z')).toBe(true);
    expect(await keptOf(large)).toEqual([2]);
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
