import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AuditEntry, type AuditEntryV1 } from '@govbus/contracts';
import { freePort, startKafka } from '@govbus/embedded';
import { Producer } from '@govbus/messaging';
import { eventually, TestIssuer } from '@govbus/testing';
import { verifyLog } from '@govbus/tlog';
import pg from 'pg';
import type { AppConfig } from '../app.config';
import { department, entry, messageOf, testConfig } from '../test-audit.shared.spec';

const services = ['exchange', 'data-catalog', 'departments', 'case-routing', 'audit'];
const patience = 60_000;

// A broker of its own: the topic has one name, and the other specs read it too.
let kafka: Awaited<ReturnType<typeof startKafka>>;
let issuer: TestIssuer;
let config: AppConfig;
let dir: string;
let producer: Producer;
let db: pg.Client;
let child: ChildProcess;

beforeAll(async () => {
  [kafka, issuer] = await Promise.all([startKafka(), TestIssuer.start()]);
  ({ config, dir } = await testConfig(kafka.brokers, issuer));
  const port = await freePort();
  Object.assign(config, { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` });
  producer = new Producer({ brokers: kafka.brokers.split(','), clientId: 'test' });
  db = new pg.Client({ connectionString: config.DATABASE_URL });
  await db.connect();
}, 120_000);
afterAll(async () => {
  child.kill('SIGKILL');
  await db.end();
  await producer.disconnect();
  await Promise.all([kafka.stop(), issuer.stop()]);
  rmSync(dir, { recursive: true });
}, patience);

/** The service as it is built, in a process of its own, listening. */
async function start(): Promise<void> {
  const settings = Object.entries(config).map(([name, value]) => [name, String(value)]);
  const main = join(__dirname, '../../dist/main.js');
  child = spawn(process.execPath, [main], {
    env: Object.fromEntries(settings),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await eventually(async () => expect((await fetch(`${config.PUBLIC_URL}/health/live`)).status).toBe(200), patience);
}
async function kill(): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

let number = 0;
/** Entries of every service in turn; `records` numbers those of one service in the order in which they are sent. */
const entries = (count: number): AuditEntryV1[] =>
  Array.from({ length: count }, () => {
    const records = number++;
    return entry({ service: services[records % services.length], records });
  });
const sent: AuditEntryV1[] = [];
async function send(...batch: AuditEntryV1[]): Promise<void> {
  sent.push(...batch);
  await producer.sendAll(
    batch.map((data) => ({ topic: AuditEntry.topic, key: AuditEntry.key(data), value: messageOf(data) })),
  );
}
const count = async (table: 'entries' | 'log_state') => {
  const column = table === 'entries' ? 'count(*)' : 'max(size)';
  const { rows } = await db.query<{ n: string }>(`SELECT ${column} AS n FROM ${table}`);
  return Number(rows[0]?.n);
};
const distinct = () => new Set(sent.map(({ entryId }) => entryId)).size;
const allAreIn = () => eventually(async () => expect(await count('log_state')).toBe(distinct()), patience);

/** Every entry exactly once, those of a service in their order, under a checkpoint that everybody can recompute. */
async function requireWhole(): Promise<void> {
  const { rows } = await db.query<{ body: string }>('SELECT body FROM entries ORDER BY index');
  const logged = rows.map(({ body }) => JSON.parse(body) as AuditEntryV1);
  for (const service of services) {
    const first = sent.filter(
      (one, i) => one.service === service && sent.findIndex(({ entryId }) => entryId === one.entryId) === i,
    );
    const idsOf = (of: AuditEntryV1[]) => of.map(({ entryId, records }) => [entryId, records]);
    expect(idsOf(logged.filter((one) => one.service === service))).toEqual(idsOf(first));
  }
  const auditor = { id: 'anna', department, kind: 'officer' as const, roles: ['auditor'], scopes: ['audit:read'] };
  const headers = { authorization: `Bearer ${await issuer.token(auditor)}` };
  const read = async (path: string) => {
    const response = await fetch(`${config.PUBLIC_URL}/${path}`, { headers });
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const { verifierKey } = (await (await fetch(`${config.PUBLIC_URL}/v1/log`)).json()) as { verifierKey: string };
  expect((await verifyLog(read, verifierKey)).size).toBe(distinct());
}

describe('the log of a service that is killed', () => {
  it('has the entries of every service, once each and in their order, though they are delivered twice', async () => {
    await start();
    const batch = entries(600);
    await send(...batch);
    await send(...batch.slice(0, 200), ...entries(10));
    await allAreIn();
    await requireWhole();
  }, 120_000);

  it('loses and doubles nothing when it is killed between writing and committing', async () => {
    const before = await count('entries');
    const held = new pg.Client({ connectionString: config.DATABASE_URL });
    await held.connect();
    await held.query('BEGIN');
    await held.query('SELECT 1 FROM tiles WHERE level = 0 ORDER BY tile DESC LIMIT 1 FOR UPDATE');
    await send(...entries(50), ...sent.slice(-20));
    // The entries are written, and the tile that they belong to waits for us: nothing is committed.
    await eventually(async () => {
      const { rows } = await db.query(
        `SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO tiles%'`,
      );
      expect(rows).toHaveLength(1);
    }, patience);
    await kill();
    await held.end();
    expect(await count('entries')).toBe(before);
    await start();
    await allAreIn();
    await requireWhole();
  }, 120_000);

  it('loses and doubles nothing when it is killed as soon as it has committed', async () => {
    for (let round = 0; round < 3; round++) {
      await send(...entries(40));
      await allAreIn();
      await kill();
      await send(...entries(5));
      // A group of its own need not wait until Kafka has given up the dead member; the offsets are the database's anyway.
      config.AUDIT_GROUP = `audit.${randomUUID()}`;
      await start();
      await allAreIn();
    }
    await requireWhole();
  }, 180_000);
});
