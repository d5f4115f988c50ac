import 'reflect-metadata';
import { AuditEntry } from '@govbus/contracts';
import { startKafka } from '@govbus/embedded';
import { Producer } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { entry, messageOf, TestAudit } from '../test-audit.shared.spec';

const patience = 60_000;
const partitions = 6;

// A broker of its own: the topic has one name, and the other specs read it too.
let kafka: Awaited<ReturnType<typeof startKafka>>;
let audit: TestAudit;

beforeAll(async () => {
  kafka = await startKafka();
  audit = await TestAudit.start(kafka.brokers);
}, 120_000);
afterAll(async () => {
  await audit.stop();
  await kafka.stop();
}, patience);

/** How many messages each partition is behind. */
async function lags(): Promise<number[]> {
  const { body } = await audit.call('GET', '/metrics', null);
  return [...body.matchAll(/^govbus_audit_lag_messages\{partition="\d"\} (\d+)$/gm)].map(([, behind]) =>
    Number(behind),
  );
}
const isBehind = (messages: number): Promise<void> =>
  eventually(async () => {
    const found = await lags();
    expect([found.length, found.reduce((sum, behind) => sum + behind, 0)]).toEqual([partitions, messages]);
  }, patience);
const isReady = (one: TestAudit) => one.call('GET', '/health/ready', null);

it('tells how many messages are not in the log yet, and that they are when they are', async () => {
  const producer = new Producer({ brokers: kafka.brokers.split(','), clientId: 'test' });
  await isBehind(0);
  const held = audit.db.createQueryRunner();
  try {
    await held.startTransaction();
    await held.query('LOCK TABLE entries IN SHARE MODE');
    const sent = ['exchange', 'departments', 'exchange'].map((service) => entry({ service }));
    await producer.sendAll(
      sent.map((data) => ({ topic: AuditEntry.topic, key: AuditEntry.key(data), value: messageOf(data) })),
    );
    await isBehind(sent.length);
  } finally {
    await held.rollbackTransaction();
    await held.release();
    await producer.disconnect();
  }
  await isBehind(0);
  expect(await audit.size()).toBe(3);
}, 120_000);

it('is ready when its reader has joined, and not before', async () => {
  await eventually(
    async () =>
      expect((await isReady(audit)).json()).toMatchObject({ status: 'ok', details: { log: { status: 'up' } } }),
    patience,
  );
  const alone = await TestAudit.start(kafka.brokers, { KAFKA_BROKERS: '127.0.0.1:1' });
  try {
    await eventually(async () =>
      expect((await isReady(alone)).json()).toMatchObject({ code: 'service.not-ready', detail: 'not ready: log' }),
    );
  } finally {
    await alone.stop();
  }
}, 120_000);
