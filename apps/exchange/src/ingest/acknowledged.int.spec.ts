import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { BUS_TOPIC, Unavailable } from '@govbus/contracts';
import { Producer } from '@govbus/messaging';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
let datasetId: string;
beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish', 'events:read']);
}, 60_000);
beforeEach(async () => ({ datasetId } = await exchange.dataset()));
afterEach(() => jest.restoreAllMocks());
afterAll(() => exchange.stop());

const batch = 'application/cloudevents-batch+json';
type Form = { type: string; bodyOf: (dataset: string) => string; headersOf?: (dataset: string) => object };
const forms: [name: string, status: number, form: Form][] = [
  [
    'a single event',
    202,
    { type: 'application/cloudevents+json', bodyOf: (dataset) => JSON.stringify(event(dataset, '1')) },
  ],
  [
    'an event in binary mode',
    202,
    {
      type: 'application/json',
      bodyOf: () => JSON.stringify({ key: 'k', area: 'north' }),
      headersOf: (dataset) => ({
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-source': `/tests/${dataset}`,
        'ce-type': 'animal.seen',
        'ce-dataset': dataset,
      }),
    },
  ],
  ['a batch', 202, { type: batch, bodyOf: (dataset) => JSON.stringify([event(dataset, '1')]) }],
  ['a batch of which some is refused', 207, { type: batch, bodyOf: (set) => JSON.stringify([event(set, '1'), {}]) }],
  ['a line', 200, { type: 'application/x-ndjson', bodyOf: (dataset) => `${JSON.stringify(event(dataset, '1'))}\n` }],
];
const keyed = forms.filter(([name]) => name !== 'a line');

async function post({ type, bodyOf, headersOf }: Form, key?: string, query = '') {
  const token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
  const response = await exchange.app.inject({
    method: 'POST',
    url: `/v1/events${query}`,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': type,
      ...(key && { 'idempotency-key': key }),
      ...headersOf?.(datasetId),
    },
    payload: bodyOf(datasetId),
  });
  const { 'retry-after': retryAfter, 'idempotency-replayed': replayed } = response.headers;
  return { status: response.statusCode, text: response.payload, retryAfter, replayed };
}

const statusOf = async (id: string, dataset = datasetId): Promise<Record<string, unknown>> => {
  const at = `/v1/events/status?source=${encodeURIComponent(`/tests/${dataset}`)}&id=${id}`;
  return (await exchange.call('GET', at, publisher)).body;
};

/** What goes to the bus from now on waits, until the spec says what becomes of it. */
function holdBus() {
  const producer = exchange.app.get(Producer);
  const sendAll = producer.sendAll.bind(producer);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  let [acknowledge, fail] = [(): void => undefined, (_: Unavailable): void => undefined];
  const told = new Promise<void>((resolve, reject) => ([acknowledge, fail] = [resolve, reject]));
  // Who does not wait for it would not hear of it either, and be blamed for that alone.
  told.catch(() => undefined);
  jest.spyOn(producer, 'sendAll').mockImplementation(async (messages, options) => {
    if (messages.some(({ topic }) => topic === BUS_TOPIC)) {
      arrive();
      await told;
    }
    return sendAll(messages, options);
  });
  return { arrived, acknowledge, fail };
}

/** Sends what is held at the bus, and sees that it is not answered while many others are; its answer, when it comes. */
async function sendHeld(form: Form, bus: ReturnType<typeof holdBus>, key?: string) {
  const seen = { isAnswered: false };
  const answer = post(form, key).finally(() => (seen.isAnswered = true));
  await bus.arrived;
  // Each has its turns of the event loop, and what is answered without waiting needs a few of them.
  for (let n = 0; n < 20; n += 1) expect((await exchange.call('GET', '/health/live')).status).toBe(200);
  expect(seen.isAnswered).toBe(false);
  // Nor does anybody hear otherwise that it is accepted.
  expect(await statusOf('1')).toEqual({ status: 'unknown' });
  return { answer };
}

it.each(forms)('%s is answered when Kafka has acknowledged it, and not before', async (_name, status, form) => {
  const bus = holdBus();
  const { answer } = await sendHeld(form, bus);
  bus.acknowledge();
  expect(await answer).toMatchObject({ status, text: expect.stringContaining('"status":"accepted"') as string });
  await exchange.ledgerAt(datasetId, 1);
});

const unacknowledged = (): Unavailable =>
  new Unavailable('bus.unavailable', 'the bus did not acknowledge', { retryAfterSeconds: 2 });
const refusal = { status: 503, retryAfter: '2', text: expect.stringContaining('"code":"bus.unavailable"') as string };

it.each(keyed)('%s that Kafka does not acknowledge is 503, and its key is free', async (_name, status, form) => {
  const [bus, key] = [holdBus(), randomUUID()];
  const { answer } = await sendHeld(form, bus, key);
  bus.fail(unacknowledged());
  const refused = await answer;
  expect(refused).toMatchObject(refusal);
  expect(refused.text).not.toContain('accepted');
  expect(await statusOf('1')).toEqual({ status: 'unknown' });
  jest.restoreAllMocks();
  const again = await post(form, key);
  expect(again).toMatchObject({ status, replayed: undefined });
  const repeated = await post(form, key);
  expect(repeated).toMatchObject({ status, replayed: 'true' });
  expect(JSON.parse(repeated.text)).toEqual(JSON.parse(again.text));
  await exchange.ledgerAt(datasetId, 1);
  expect(await statusOf('1')).toMatchObject({ status: 'stored', duplicates: 0 });
});

it('a line that Kafka does not acknowledge is 503, as long as nothing is answered yet', async () => {
  const form = forms.find(([name]) => name === 'a line')?.[2] as Form;
  const bus = holdBus();
  const { answer } = await sendHeld(form, bus);
  bus.fail(unacknowledged());
  expect(await answer).toMatchObject(refusal);
  jest.restoreAllMocks();
  expect(await post(form)).toMatchObject({ status: 200 });
  await exchange.ledgerAt(datasetId, 1);
});

/** Kafka fails at the n-th request that is for the bus; how many there were. */
function failAt(n: number): { requests: number } {
  type Wire = { sendBatch: (batch: { topicMessages: { topic: string }[] }) => Promise<unknown> };
  const { producer: wire } = exchange.app.get(Producer) as unknown as { producer: Wire };
  const sendBatch = wire.sendBatch.bind(wire);
  const seen = { requests: 0 };
  jest.spyOn(wire, 'sendBatch').mockImplementation((sent) => {
    if (!sent.topicMessages.some(({ topic }) => topic === BUS_TOPIC)) return sendBatch(sent);
    seen.requests += 1;
    return seen.requests === n ? Promise.reject(new Error('planted')) : sendBatch(sent);
  });
  return seen;
}

it('a batch of which Kafka took the first part alone is not accepted, and is stored once when it comes again', async () => {
  const { datasetId: other } = await exchange.dataset();
  // As much of each dataset as goes in one request.
  const name = 'x'.repeat(200 * 1024);
  const ids = ['1', '2', '3', '4'];
  const events = [datasetId, other].flatMap((dataset) => ids.map((id) => event(dataset, id, { name })));
  const form: Form = { type: batch, bodyOf: () => JSON.stringify(events) };
  const [seen, key] = [failAt(2), randomUUID()];
  const refused = await post(form, key, '?atomic=true');
  expect(refused).toMatchObject(refusal);
  expect(refused.text).not.toContain('accepted');
  expect(seen.requests).toBe(2);
  // What Kafka has it has; nobody was told that it is accepted.
  await exchange.ledgerAt(datasetId, ids.length);
  expect(await statusOf('1', other)).toEqual({ status: 'unknown' });
  jest.restoreAllMocks();
  const again = await post(form, key, '?atomic=true');
  expect(again).toMatchObject({ status: 202, replayed: undefined });
  expect(JSON.parse(again.text)).toMatchObject({ accepted: events.length, refused: 0 });
  await exchange.ledgerAt(other, ids.length);
  for (const [dataset, duplicates] of [
    [datasetId, 1],
    [other, 0],
  ] as const) {
    for (const id of ids) expect(await statusOf(id, dataset)).toMatchObject({ status: 'stored', duplicates });
    const rows = await exchange.db.query('SELECT event_id FROM events WHERE dataset_id = $1 ORDER BY position', [
      dataset,
    ]);
    expect(rows).toEqual(ids.map((id) => ({ event_id: id })));
  }
});
