import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUS_TOPIC } from '@govbus/contracts';
import { type EmbeddedKafka, startKafka } from '@govbus/embedded';
import { groupMembers, topicRanges } from '@govbus/messaging';
import { createApp } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { type Caller, consumer, event, Exchange, provider } from '../exchange.int.spec';
import { LedgerWorker } from '../ledger/ledger.worker';
import { LedgerRebuild, type RebuildOptions, type Rebuilt } from './ledger-rebuild';
import { LedgerRebuildModule } from './ledger-rebuild.module';

const root = join(__dirname, '../../../..');
const jars = process.env.GOVBUS_KAFKA_LIB ?? join(root, '.govbus/kafka-4.1.1');

let exchange: Exchange;
let publisher: Caller;
let datasets: string[];
let app: NestFastifyApplication | undefined;
let kafka: EmbeddedKafka;
let before: unknown[];

const everything = (db: DataSource): Promise<unknown[]> =>
  Promise.all(
    [
      `SELECT dataset_id, position, source, event_id, type, record_key, recorded_at, publisher, schema_version, digest,
              attributes, data FROM events WHERE dataset_id = ANY($1) ORDER BY dataset_id, position`,
      'SELECT dataset_id, last_position, records, conflicts FROM dataset_heads WHERE dataset_id = ANY($1) ORDER BY 1',
      'SELECT * FROM latest_records WHERE dataset_id = ANY($1) ORDER BY 1, 2',
      'SELECT * FROM tombstones WHERE dataset_id = ANY($1) ORDER BY 1, 2',
      'SELECT source, event_id, digest, position FROM event_ids WHERE dataset_id = ANY($1) ORDER BY 1, 2',
      'SELECT source, event_id, digest FROM event_conflicts WHERE dataset_id = ANY($1) ORDER BY 1, 2, 3',
      `SELECT source, event_id, times, last_at FROM event_duplicates JOIN event_ids USING (source, event_id, dataset_id)
        WHERE dataset_id = ANY($1) ORDER BY 1, 2`,
    ].map((sql) => db.query<object[]>(sql, [datasets])),
  );

const lastOf = async (datasetId: string): Promise<number> =>
  Number(
    (
      await exchange.db.query<{ last: string }[]>('SELECT max(position) AS last FROM events WHERE dataset_id = $1', [
        datasetId,
      ])
    )[0]?.last,
  );

beforeAll(async () => {
  // Of its own: the topic of the other specs holds what is theirs, and a rebuild reads all of it.
  kafka = await startKafka();
  process.env.TEST_KAFKA_BROKERS = kafka.brokers;
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
  datasets = [];
  for (let n = 0; n < 3; n += 1) {
    const { datasetId } = await exchange.dataset();
    datasets.push(datasetId);
    const events = Array.from({ length: 60 }, (_, i) => event(datasetId, String(i), { key: `k${i % 20}` }));
    const again = [events[3], event(datasetId, '4', { key: 'another' })];
    const stone = { ...event(datasetId, 'stone', { key: 'k7' }), tombstone: true };
    await exchange.publishBatch(publisher, [...events, ...again, stone]);
    await eventually(async () => expect(await lastOf(datasetId)).toBe(61), 30_000);
  }
  before = await everything(exchange.db);
  app = await createApp(LedgerRebuildModule, exchange.config, { kafka: false });
}, 150_000);
afterAll(async () => {
  await app?.close();
  await exchange.stop();
  await kafka.stop();
});

const rebuild = async (over: Partial<RebuildOptions> = {}): Promise<Rebuilt> =>
  (app as NestFastifyApplication)
    .get(LedgerRebuild)
    .run({ wipe: false, acceptLoss: false, onProgress: () => undefined, ...over });

const offsets = () => exchange.db.query<object[]>('SELECT * FROM kafka_offsets ORDER BY topic, partition');

/** The command of the operator, as a process of its own. */
async function command(...flags: string[]): Promise<{ code: number; said: string }> {
  const script = ['-r', '@swc-node/register', '--conditions=@govbus/source', join(__dirname, '../rebuild.ts')];
  const settings = Object.entries({ ...exchange.config, LOG_LEVEL: 'warn' }).map(([name, value]) => [
    name,
    String(value),
  ]);
  const node = { PATH: process.env.PATH, NODE_OPTIONS: '', TS_NODE_PROJECT: join(root, 'tsconfig.base.json') };
  const env = { ...node, ...(Object.fromEntries(settings) as Record<string, string>) };
  const run = promisify(execFile)(process.execPath, [...script, ...flags], { cwd: root, env, timeout: 90_000 });
  return run.then(
    ({ stderr }) => ({ code: 0, said: stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

/** Has Kafka delete the first message of each partition that holds any, as its retention does; answers how many. */
async function trim(): Promise<number> {
  const cluster = { brokers: exchange.config.brokers, clientId: 'spec' };
  const held = (await topicRanges(cluster, BUS_TOPIC)).filter(({ first, end }) => end > first);
  const partitions = held.map(({ partition, first }) => ({ topic: BUS_TOPIC, partition, offset: Number(first) + 1 }));
  const file = join(mkdtempSync(join(tmpdir(), 'govbus-trim-')), 'offsets.json');
  writeFileSync(file, JSON.stringify({ partitions, version: 1 }));
  const tool = ['-cp', `${jars}/*`, 'org.apache.kafka.tools.DeleteRecordsCommand', '--offset-json-file', file];
  await promisify(execFile)('java', [...tool, '--bootstrap-server', kafka.brokers]);
  const left = await topicRanges(cluster, BUS_TOPIC);
  for (const { partition, first } of held)
    expect(left.find((one) => one.partition === partition)?.first).toBe(first + 1n);
  return held.length;
}

it('refuses while a process writes the ledger, and changes nothing', async () => {
  await expect(rebuild({ wipe: true })).rejects.toMatchObject({ code: 'ledger.in-use' });
  expect(await everything(exchange.db)).toEqual(before);
});

describe('the ledger rebuilt from Kafka', () => {
  beforeAll(async () => {
    await exchange.app.get(LedgerWorker).stop();
    const { brokers, LEDGER_GROUP } = exchange.config;
    await eventually(async () => expect(await groupMembers({ brokers, clientId: 'spec' }, LEDGER_GROUP)).toBe(0));
  });

  it('is the same: positions, digests, latest records, tombstones, conflicts; after being stopped half-way too', async () => {
    const published = async () =>
      (await exchange.entries()).filter(({ operation }) => operation === 'events:publish').length;
    const publications = await published();
    const stop = new AbortController();
    const onProgress = (done: number, total: number): void => {
      expect(done).toBeLessThanOrEqual(total);
      stop.abort(new Error('stopped half-way'));
    };
    const reader = await exchange.system(consumer, ['events:read']);
    const { agreementId, terms, ...agreement } = await exchange.agreement(datasets[0] ?? '');
    await exchange.change({ ...agreement, agreementId, terms: { ...terms, deliveryModes: ['query'] }, version: 2 });
    const ask = () =>
      exchange.call('POST', '/v1/queries', reader, { agreementId, purpose: 'case-handling', key: 'k1' });
    expect(await ask()).toMatchObject({ status: 200, body: { events: [{ data: { key: 'k1' } }] } });
    await expect(rebuild({ wipe: true, onProgress, signal: stop.signal })).rejects.toThrow('stopped half-way');
    // What is not whole is not shown as if it were, not even when nobody goes on with it.
    expect(await ask()).toMatchObject({
      status: 503,
      body: { code: 'ledger.rebuilding' },
      headers: { 'retry-after': '60' },
    });
    const rebuilt = await rebuild();
    expect(await ask()).toMatchObject({ status: 200, body: { events: [{ data: { key: 'k1' } }] } });
    expect(rebuilt.inconsistent).toEqual([]);
    expect(await everything(exchange.db)).toEqual(before);
    // Not a second time in the log as published, but as what it was.
    expect(await published()).toBe(publications);
    for (const datasetId of datasets) {
      const entries = (await exchange.entries(datasetId)).filter(({ operation }) => operation === 'ledger:rebuild');
      expect(entries.reduce((sum, { records }) => sum + Number(records), 0)).toBe(61);
    }
  }, 120_000);

  it('may be asked for again and finds nothing to do', async () => {
    for (let n = 0; n < 2; n += 1) expect((await rebuild()).inconsistent).toEqual([]);
    expect(await everything(exchange.db)).toEqual(before);
  }, 60_000);

  it('tells which dataset is not consistent', async () => {
    const [damaged] = datasets;
    await exchange.db.query('DELETE FROM events WHERE dataset_id = $1 AND position = 30', [damaged]);
    expect((await rebuild()).inconsistent).toEqual([damaged]);
    expect((await rebuild({ wipe: true })).inconsistent).toEqual([]);
    expect(await everything(exchange.db)).toEqual(before);
  }, 120_000);

  it('ends as a command with 1 when a dataset is not consistent, and with 0 when all are', async () => {
    const [damaged = ''] = datasets;
    await exchange.db.query('DELETE FROM events WHERE dataset_id = $1 AND position = 30', [damaged]);
    const found = await command();
    expect(found.said).toContain(`not consistent: ${damaged}\n`);
    expect(found.said).not.toContain('all counts agree');
    expect(found.code).toBe(1);
    const mended = await command('--wipe');
    expect(mended.said).toContain('positions are dense, and all counts agree\n');
    expect(mended.code).toBe(0);
    expect(await everything(exchange.db)).toEqual(before);
  }, 240_000);

  it('refuses to empty what may be the only copy, when Kafka ends before what the ledger read of it', async () => {
    const own = await offsets();
    await exchange.db.query('UPDATE kafka_offsets SET next_offset = next_offset + 1000 WHERE next_offset > 0');
    const read = await offsets();
    for (const wipe of [true, false])
      await expect(rebuild({ wipe })).rejects.toMatchObject({ code: 'ledger.incomplete' });
    expect(await everything(exchange.db)).toEqual(before);
    expect(await offsets()).toEqual(read);
    // All of it is read again, and is known.
    expect((await rebuild({ acceptLoss: true })).inconsistent).toEqual([]);
    expect(await offsets()).toEqual(own);
    expect((await everything(exchange.db)).slice(0, -1)).toEqual(before.slice(0, -1));
    await rebuild({ wipe: true });
    expect(await everything(exchange.db)).toEqual(before);
  }, 120_000);

  it('refuses to empty what Kafka no longer holds from its beginning, and to leave a hole where that is missing', async () => {
    expect(await trim()).toBeGreaterThan(0);
    const read = await offsets();
    await expect(rebuild({ wipe: true })).rejects.toMatchObject({ code: 'ledger.incomplete' });
    expect(await everything(exchange.db)).toEqual(before);
    expect(await offsets()).toEqual(read);
    // Nothing that is gone is missing: the ledger has read all of it.
    expect((await rebuild()).inconsistent).toEqual([]);
    expect(await everything(exchange.db)).toEqual(before);

    // As after a backup from before what was deleted; what the ledger holds shows that it stays as it is.
    await exchange.db.query('UPDATE kafka_offsets SET next_offset = 0 WHERE topic = $1', [BUS_TOPIC]);
    const restored = await offsets();
    await expect(rebuild()).rejects.toMatchObject({ code: 'ledger.incomplete' });
    expect(await everything(exchange.db)).toEqual(before);
    expect(await offsets()).toEqual(restored);
    // The operator knows, and takes what is left.
    expect((await rebuild({ acceptLoss: true })).inconsistent).toEqual([]);
    expect(await offsets()).toEqual(read);
    expect((await everything(exchange.db)).slice(0, -1)).toEqual(before.slice(0, -1));
    // What was read again counts as duplicates from now on.
    before = await everything(exchange.db);
  }, 120_000);

  it('keeps writers out meanwhile, who then go on where it ended', async () => {
    const holder = exchange.db.createQueryRunner();
    const [datasetId = ''] = datasets;
    try {
      await holder.query('SELECT pg_advisory_lock(7030212)');
      await exchange.app.get(LedgerWorker).start();
      expect((await exchange.publish(publisher, event(datasetId, 'meanwhile'))).status).toBe(202);
      await expect(rebuild()).rejects.toMatchObject({ code: 'ledger.in-use' });
      expect(await everything(exchange.db)).toEqual(before);
      await holder.query('SELECT pg_advisory_unlock(7030212)');
      await eventually(async () => expect(await lastOf(datasetId)).toBe(62), 30_000);
    } finally {
      await holder.release();
    }
  }, 60_000);
});
