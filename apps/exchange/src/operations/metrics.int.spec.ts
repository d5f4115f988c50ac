import 'reflect-metadata';
import { Producer } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { event } from '../exchange.int.spec';
import { Hooks } from '../delivery/hooks.int.spec';

let hooks: Hooks;

beforeAll(async () => {
  hooks = await Hooks.start();
}, 60_000);
afterAll(() => hooks.stop());

const text = async (): Promise<string> => (await hooks.exchange.app.inject({ url: '/metrics' })).body;
/** What a series shows; undefined while it is not there. One answer serves all who ask within a second. */
async function shown(series: string): Promise<number | undefined> {
  const body = await text();
  const line = body.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
const shows = (series: string, value: unknown): Promise<void> =>
  eventually(async () => expect([series, await shown(series)]).toEqual([series, value]));

it('tells of deliveries how far they are behind, what was tried, what came of it and what was put aside', async () => {
  const { datasetId, receiver, id } = await hooks.hooked({ maxAttempts: 1 });
  receiver.answerTo = ([first]) => (first?.id === '2' ? { status: 422 } : undefined);
  const publish = async (name: string): Promise<void> => {
    await hooks.publish(datasetId, name);
    await hooks.shows(id, { ackedPosition: Number(name) });
  };
  await publish('1');
  await publish('2');
  await publish('3');
  await shows('govbus_delivery_attempts_total{mode="webhook",outcome="delivered"}', 2);
  await shows('govbus_delivery_attempts_total{mode="webhook",outcome="failed"}', 1);
  await shows('govbus_disclosures_total{mode="webhook",outcome="disclosed"}', 3);
  await shows('govbus_dead_letters', 1);

  await hooks.at(id, 'pause', {});
  await hooks.exchange.publishBatch(
    hooks.publisher,
    ['4', '5'].map((name) => event(datasetId, name)),
  );
  await hooks.exchange.ledgerAt(datasetId, 5);
  await shows('govbus_subscriptions{mode="webhook",status="paused"}', 1);
  expect(await shown(`govbus_delivery_lag_events{subscription="${id}",mode="webhook"}`)).toBeUndefined();
  receiver.isHolding = true;
  await hooks.at(id, 'resume', {});
  await shows(`govbus_delivery_lag_events{subscription="${id}",mode="webhook"}`, 2);
  receiver.release();
});

it('tells how old its knowledge of the registries and of its database is, and whether it discloses', async () => {
  const { exchange } = hooks;
  const isFresh = async () => (await exchange.call('GET', '/health/ready')).body.details;
  await eventually(async () => expect(await isFresh()).toMatchObject({ registry: { status: 'up', isFresh: true } }));
  await eventually(async () => expect(await shown('govbus_database_heard_age_seconds')).toBeLessThan(1));

  await exchange.registryIsKnown(new Date(Date.now() - 60_000).toISOString());
  await eventually(async () =>
    expect(await shown('govbus_registry_age_seconds{topic="catalog.registry"}')).toBeGreaterThanOrEqual(60),
  );
  await eventually(async () => expect(await isFresh()).toMatchObject({ registry: { status: 'up', isFresh: false } }));
  await exchange.registryIsKnown();
  await eventually(async () => expect(await isFresh()).toMatchObject({ registry: { isFresh: true } }));
  // The clock of the database was set back.
  await exchange.registryIsKnown(new Date(Date.now() + 60_000).toISOString());
  await eventually(async () => expect(await isFresh()).toMatchObject({ registry: { isFresh: false } }));
  await exchange.registryIsKnown();
});

it('tells what waits for Kafka, for the audit log and for somebody to look at it', async () => {
  await shows('govbus_producer_queue_bytes', 0);
  await shows('govbus_producer_queue_messages', 0);
  for (const name of ['govbus_outbox_messages', 'govbus_outbox_age_seconds'])
    await eventually(async () => expect(await shown(name)).toBeGreaterThan(0));
  await shows('govbus_unreadable_messages', 0);
  await shows('govbus_parked_messages', 0);
});

it('tells how many messages the ledger is behind while it waits, and that it has caught up', async () => {
  const { exchange, publisher } = hooks;
  const { datasetId } = await exchange.dataset();
  const behind = async (): Promise<number> =>
    [...(await text()).matchAll(/^govbus_ledger_lag_messages\{partition="\d+"\} (\d+)$/gm)].reduce(
      (sum, [, messages]) => sum + Number(messages),
      0,
    );
  const publish = (...ids: string[]) =>
    exchange.publishBatch(
      publisher,
      ids.map((id) => event(datasetId, id)),
    );
  await publish('1');
  await exchange.ledgerAt(datasetId, 1);
  const holder = exchange.db.createQueryRunner();
  try {
    await holder.startTransaction();
    await holder.query('SELECT FROM dataset_heads WHERE dataset_id = $1 FOR UPDATE', [datasetId]);
    expect(await publish('2', '3', '4', '5', '6')).toMatchObject({ status: 202 });
    await eventually(async () => expect(await behind()).toBe(5));
    await holder.commitTransaction();
  } finally {
    if (holder.isTransactionActive) await holder.rollbackTransaction();
    await holder.release();
  }
  await exchange.ledgerAt(datasetId, 6);
  await eventually(async () => expect(await behind()).toBe(0));
});

it('tells what waits for Kafka in memory until Kafka has it', async () => {
  const { exchange, publisher } = hooks;
  const { datasetId } = await exchange.dataset();
  const kafka = exchange.app.get(Producer)['producer'];
  const sendBatch = kafka.sendBatch.bind(kafka);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  jest.spyOn(kafka, 'sendBatch').mockImplementationOnce(async (batch) => {
    await held;
    return sendBatch(batch);
  });
  const data = { name: 'x'.repeat(10_000) };
  const sent = exchange.publish(publisher, event(datasetId, '1', data));
  try {
    await shows('govbus_producer_queue_messages', 1);
    const bytes = await shown('govbus_producer_queue_bytes');
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(20_000);
  } finally {
    release();
  }
  expect(await sent).toMatchObject({ status: 202 });
  await shows('govbus_producer_queue_messages', 0);
  await shows('govbus_producer_queue_bytes', 0);
});
