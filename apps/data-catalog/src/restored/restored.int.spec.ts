import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AgreementRecord, AuditEntry, DatasetRecord } from '@govbus/contracts';
import { applyTopics, groupOf, newestRecords, Producer, readTopics, Relay, relayLock } from '@govbus/messaging';
import { createApp, RestoredRegistry, type Restored } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Agreement } from '../agreements/agreement.entity';
import { AppConfig } from '../app.config';
import { Dataset, SchemaVersion } from '../datasets/dataset.entity';
import { aSchema, consumer, TestCatalog, terms } from '../test-catalog.shared.spec';
import { catalogNouns } from './catalog-nouns';
import { RestoredModule } from './restored.module';

jest.setTimeout(120_000);

const root = join(__dirname, '../../../..');
const topic = 'catalog.registry';
const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',');
const quiet = (): void => undefined;

let catalog: TestCatalog;
let app: NestFastifyApplication;
let config: AppConfig;
/** In the backup, and changed or stopped after it. */
let datasetId: string;
let resumed: string;
let revoked: string;
let untouched: string;
/** Made after the backup. */
let newDataset: string;
let newAgreement: string;

const at = '/v1/agreements';
const move = (id: string, ...verbs: string[]) =>
  verbs.reduce<Promise<unknown>>(async (before, verb) => {
    await before;
    expect(await catalog.call('POST', `${at}/${id}/${verb}`, { reason: 'spec' })).toMatchObject({ status: 200 });
  }, Promise.resolve());
/** An agreement in force, of version 3. */
async function inForce(about: string): Promise<string> {
  const order = { datasetId: about, consumerDepartment: consumer, terms: terms() };
  const { body } = await catalog.call('POST', at, order);
  await move(String(body.agreementId), 'approve', 'activate');
  return String(body.agreementId);
}
const show = async (url: string) => (await catalog.call('GET', url)).body;

/** What waits in the outbox goes to Kafka, as in life. */
async function withRelay<T>(work: () => Promise<T>): Promise<T> {
  const producer = new Producer({ brokers, clientId: 'spec' });
  const relay = new Relay({ dataSource: catalog.db, producer, log: quiet });
  await relay.start();
  try {
    const leaders = `SELECT 1 FROM pg_locks JOIN pg_database ON oid = database
                      WHERE datname = current_database() AND locktype = 'advisory' AND objid = ${relayLock}`;
    await eventually(async () => {
      expect(await catalog.db.query(leaders)).toHaveLength(1);
      expect(await catalog.db.query('SELECT 1 FROM outbox')).toEqual([]);
    }, 30_000);
    return await work();
  } finally {
    await relay.stop();
    await producer.disconnect();
  }
}
const publish = () => withRelay(() => Promise.resolve());
const versionOnTopic = async (key: string) =>
  (await newestRecords({ brokers, clientId: 'spec', topic, log: quiet })).get(key)?.data.version ?? 0;
const versionOf = async (id: string) => Number((await show(`${at}/${id}`)).version);
const run = (): Promise<Restored> => app.get(RestoredRegistry).run(topic, catalogNouns);

/** The rows of now, to be put in the place of those that are there then. */
async function takeBackup(): Promise<() => Promise<void>> {
  const { manager } = catalog.db;
  const kept: [new () => object, object[]][] = [];
  for (const entity of [Dataset, SchemaVersion, Agreement]) kept.push([entity, await manager.find<object>(entity)]);
  return async () => {
    await catalog.db.query('TRUNCATE datasets, schema_versions, agreements');
    for (const [entity, rows] of kept) await manager.save(entity, rows);
  };
}

beforeAll(async () => {
  const topics = readTopics(readFileSync(join(root, 'deploy/topics.yaml'), 'utf8'));
  await applyTopics({ brokers, topics, profile: 'single-node' });
  catalog = await TestCatalog.start();
  config = Object.assign(new AppConfig(), catalog.app.get(AppConfig), { KAFKA_BROKERS: brokers.join(',') });
  datasetId = await catalog.dataset();
  [resumed, revoked, untouched] = [await inForce(datasetId), await inForce(datasetId), await inForce(datasetId)];
  const restore = await takeBackup();

  await move(resumed, 'suspend', 'resume');
  await move(revoked, 'revoke');
  const change = { publishers: ['another-system'], retentionDays: 90 };
  expect(await catalog.call('PATCH', `/v1/datasets/${datasetId}`, change)).toMatchObject({ status: 200 });
  const schema = aSchema({ more: { type: 'string' } });
  expect(await catalog.call('POST', `/v1/datasets/${datasetId}/schemas`, { schema })).toMatchObject({ status: 201 });
  const hold = { legalHold: true, reason: 'a court wants it' };
  await catalog.call('PUT', `/v1/datasets/${datasetId}/legal-hold`, hold);
  newDataset = await catalog.dataset();
  newAgreement = await inForce(newDataset);
  await publish();
  await restore();
  expect(await versionOf(revoked)).toBe(3);
  expect(await catalog.call('GET', `${at}/${newAgreement}`)).toMatchObject({ status: 404 });
  app = await createApp(RestoredModule, config, { kafka: false });
}, 120_000);
afterAll(async () => {
  await app.close();
  await catalog.stop();
});

it('refuses while a process of the service moves the outbox, and changes nothing', async () => {
  await withRelay(() => expect(run()).rejects.toMatchObject({ code: 'registry.in-use' }));
  expect(await versionOf(resumed)).toBe(3);
});

describe('the catalog restored from a backup', () => {
  let group: string;
  let restored: Restored;
  beforeAll(async () => {
    group = await groupOf('data-catalog', catalog.db);
    restored = await run();
  });

  it('is heard again: a revocation has a version above all that the topic holds (P5)', async () => {
    const before = await versionOnTopic(`agreement:${resumed}`);
    expect(before).toBe(5);
    expect(await show(`${at}/${resumed}`)).toMatchObject({ status: 'in-force', version: 6 });
    await move(resumed, 'revoke');
    const [last] = (await catalog.sent(AgreementRecord, (data) => data.agreementId === resumed)).slice(-1);
    expect(last).toMatchObject({ status: 'revoked', version: 7 });
    await publish();
    expect(await versionOnTopic(`agreement:${resumed}`)).toBe(7);
  });

  it('gives back no right that was taken after the backup (P5)', async () => {
    expect(await show(`${at}/${revoked}`)).toMatchObject({ status: 'revoked', version: 5 });
    expect(restored.changes).toContainEqual({ key: `agreement:${revoked}`, status: 'revoked', from: 'known' });
  });

  it('has what was changed after the backup, the legal hold and the schemas too', async () => {
    const record = await show(`/v1/datasets/${datasetId}`);
    expect(record).toMatchObject({ publishers: ['another-system'], retentionDays: 90, legalHold: true, version: 5 });
    expect(await catalog.call('GET', `/v1/datasets/${datasetId}/schemas/2`)).toMatchObject({ status: 200 });
  });

  it('knows what was made after the backup, stopped', async () => {
    expect(await show(`/v1/datasets/${newDataset}`)).toMatchObject({ status: 'retired', version: 2 });
    expect(await show(`${at}/${newAgreement}`)).toMatchObject({ status: 'suspended', version: 4 });
    expect(restored.changes).toContainEqual({ key: `dataset:${newDataset}`, status: 'retired', from: 'unknown' });
    expect(restored.changes).toContainEqual({ key: `agreement:${newAgreement}`, status: 'suspended', from: 'unknown' });
    // Whoever has looked at them lets them go on.
    await move(newAgreement, 'resume');
    const again = await catalog.call('PATCH', `/v1/datasets/${newDataset}`, { status: 'active' });
    expect(again).toMatchObject({ status: 200, body: { status: 'active', version: 3 } });
  });

  it('tells of what nobody had changed too, and reads its own copies anew', async () => {
    expect(await show(`${at}/${untouched}`)).toMatchObject({ status: 'in-force', version: 4 });
    expect(restored.changes.map(({ key }) => key)).not.toContain(`agreement:${untouched}`);
    expect(await groupOf('data-catalog', catalog.db)).not.toBe(group);
  });
});

it('runs as the operator runs it, again and again, and only lifts then', async () => {
  await publish();
  const before = await versionOf(untouched);
  const flags = ['-r', '@swc-node/register', '--conditions=@govbus/source', join(__dirname, '../restored.ts')];
  const env = { PATH: process.env.PATH, TS_NODE_PROJECT: join(root, 'tsconfig.base.json') };
  const own = Object.entries(config).map(([name, value]) => [name, String(value)]);
  const options = { cwd: root, env: { ...env, ...Object.fromEntries(own) } as NodeJS.ProcessEnv, timeout: 90_000 };
  const { stderr } = await promisify(execFile)(process.execPath, flags, options);
  expect(stderr).toContain(`${topic} holds `);
  expect(stderr).not.toContain('taken back');
  expect(stderr).not.toContain('not in the backup');
  expect(await versionOf(untouched)).toBe(before + 1);
  const records = await catalog.sent(DatasetRecord, (data) => data.datasetId === newDataset);
  expect(records).toMatchObject([{ status: 'active', version: 4 }]);
  const entries = await catalog.sent(AuditEntry, ({ operation }) => operation === 'registry:restore');
  expect(entries).toMatchObject([{ outcome: 'done', actor: { id: 'data-catalog', kind: 'service' } }]);
  const away = { ...options.env, KAFKA_BROKERS: 'nobody' };
  await expect(promisify(execFile)(process.execPath, flags, { ...options, env: away })).rejects.toMatchObject({
    code: 78,
  });
});
