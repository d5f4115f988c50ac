import { eventually } from '@govbus/testing';
import { Receiver } from './delivery/receiver.int.spec';
import { type Caller, consumer, event, Exchange, provider } from './exchange.int.spec';
import { ExchangeProcess } from './exchange-process.shared.spec';

jest.setTimeout(300_000);

let seed: Exchange;
let publisher: Caller;
let reader: Caller;
let receiver: Receiver;
const processes: ExchangeProcess[] = [];
const start = async (roles: string): Promise<ExchangeProcess> => {
  const started = await ExchangeProcess.start(seed, roles);
  processes.push(started);
  return started;
};
beforeEach(async () => {
  seed = await Exchange.start({ EXCHANGE_ROLES: 'ingest', INBOX: 'off' });
  publisher = await seed.system(provider, ['events:publish']);
  reader = await seed.system(consumer, ['events:read']);
  receiver = await Receiver.start();
});
afterEach(async () => {
  for (const running of processes.splice(0)) await running.end('SIGKILL');
  receiver.stop();
  await seed.stop();
});

const subscribe = async (at: ExchangeProcess, agreementId: string, over: object): Promise<string> => {
  const order = { agreementId, purpose: 'case-handling', startFrom: 'beginning', ...over };
  const { status, body } = await at.call('POST', '/v1/subscriptions', reader, order);
  expect(status).toBe(201);
  return String(body.subscriptionId);
};
// Longer than elsewhere: a ledger of its own begins with all that the broker holds.
const storedUpTo = (datasetId: string, position: number): Promise<void> =>
  eventually(() => seed.ledgerAt(datasetId, position), 60_000);
const upTo = (last: number): string[] => Array.from({ length: last }, (_, i) => String(i + 1));
const firstTimes = (): string[] => [...new Set(receiver.ids)];

it('goes on elsewhere when a process is killed: nothing lost, no cursor back', async () => {
  const { datasetId } = await seed.dataset();
  const { agreementId } = await seed.agreement(datasetId);
  const ledger = await start('ledger');
  const first = await start('delivery');
  const pulled = await subscribe(first, agreementId, { mode: 'pull' });
  const pushed = await subscribe(first, agreementId, { mode: 'webhook', webhook: { url: receiver.url } });
  receiver.isHolding = true;
  const events = upTo(250).map((id) => event(datasetId, id));
  expect((await seed.publishBatch(publisher, events)).status).toBe(202);
  await storedUpTo(datasetId, 250);
  await eventually(() => expect(receiver.ids).toContain('1'), 30_000);
  const page = await first.call('GET', `/v1/subscriptions/${pulled}/events?limit=40`, reader);
  const position = { cursor: page.body.nextCursor };
  expect((await first.call('POST', `/v1/subscriptions/${pulled}/ack`, reader, position)).status).toBeLessThan(300);
  await first.end('SIGKILL');
  await ledger.end('SIGKILL');

  // What the dead process held is free when its lease ends; here it ends before anybody else could hold one.
  await seed.db.query('UPDATE subscriptions SET lease_until = clock_timestamp() WHERE lease_owner IS NOT NULL');
  receiver.release();
  const second = await start('ledger,delivery');
  await eventually(() => expect(firstTimes()).toEqual(upTo(250)), 60_000);
  // At least once: only the page that was on its way comes again.
  expect(receiver.ids.length).toBeLessThanOrEqual(350);
  await eventually(async () => {
    const { body } = await second.call('GET', `/v1/subscriptions/${pushed}`, reader);
    expect(body).toMatchObject({ status: 'active', ackedPosition: 250, delivered: 250 });
  });
  const next = await second.call('GET', `/v1/subscriptions/${pulled}/events?limit=1`, reader);
  expect(next.body).toMatchObject({ events: [{ id: '41' }] });
  expect((await seed.publish(publisher, event(datasetId, '251'))).status).toBe(202);
  await storedUpTo(datasetId, 251);
});

it('finishes what it has begun when it is told to end, and ends with 0', async () => {
  const { datasetId } = await seed.dataset();
  const { agreementId } = await seed.agreement(datasetId);
  const first = await start('ingest,ledger,delivery');
  await subscribe(first, agreementId, { mode: 'webhook', webhook: { url: receiver.url } });
  const idle = await seed.dataset();
  const waits = await subscribe(first, (await seed.agreement(idle.datasetId)).agreementId, { mode: 'pull' });
  const waiting = first.call('GET', `/v1/subscriptions/${waits}/events?wait=30`, reader);

  const acknowledged: string[] = [];
  let [next, isOver] = [0, false];
  const publish = async (): Promise<void> => {
    while (!isOver) {
      const id = String((next += 1));
      const sent = first.call('POST', '/v1/events', publisher, event(datasetId, id), 'application/cloudevents+json');
      // Refused or not connected any more: then nothing was promised.
      const status = await sent.then(({ status: given }) => given).catch(() => 0);
      if (status === 202) acknowledged.push(id);
      else isOver ||= status === 0;
    }
  };
  const load = Promise.all([publish(), publish(), publish(), publish()]);
  await eventually(() => expect(receiver.ids.length).toBeGreaterThan(50), 60_000);
  const ended = first.end('SIGTERM');
  expect((await waiting).status).toBe(200);
  expect({ ended: await ended, log: first.log }).toMatchObject({ ended: [0, null] });
  isOver = true;
  await load;
  expect(await seed.db.query('SELECT 1 FROM subscriptions WHERE lease_owner IS NOT NULL')).toEqual([]);

  const second = await start('ledger,delivery');
  await eventually(async () => {
    const found = await seed.db.query<unknown[]>('SELECT 1 FROM event_ids WHERE source = $1 AND event_id = ANY($2)', [
      `/tests/${datasetId}`,
      acknowledged,
    ]);
    expect(found).toHaveLength(acknowledged.length);
  }, 60_000);
  await eventually(async () => {
    // What came to the bus without its answer is stored as well, maybe later.
    const [head] = await seed.db.query<{ last: string }[]>(
      'SELECT last_position AS last FROM dataset_heads WHERE dataset_id = $1',
      [datasetId],
    );
    expect(firstTimes()).toEqual(upTo(Number(head?.last)));
  }, 60_000);
  expect(await second.end('SIGTERM')).toEqual([0, null]);
});
