import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { consumer, event, type Exchange } from '../exchange.int.spec';
import { type Hook, Hooks } from './hooks.int.spec';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => hooks.stop());

/** Publishes events `1`, `2`, …, each with the key that stands at its place. */
async function publishKeys(datasetId: string, keys: string[]): Promise<void> {
  const events = keys.map((key, i) => event(datasetId, String(i + 1), { key }));
  await hooks.exchange.publishBatch(hooks.publisher, events);
  await exchange.ledgerAt(datasetId, keys.length);
}
const keyed = (settings: object = {}) => hooks.hooked({ order: 'key', ...settings });
/** What is held is tried again now. */
const hurry = (id: string) =>
  exchange.db
    .query('UPDATE held_events SET due_at = now() WHERE subscription_id = $1 AND due_at IS NOT NULL', [id])
    .then(() =>
      exchange.db.query(
        'UPDATE subscriptions SET held_due_at = now() WHERE subscription_id = $1 AND held_due_at IS NOT NULL',
        [id],
      ),
    );
/** What comes first has failed once at 500, and goes out no more until what this answers is called. */
async function failsOnce({ datasetId, receiver, id }: Hook & { datasetId: string }, keys: string[]) {
  receiver.isHolding = true;
  await publishKeys(datasetId, keys);
  await eventually(() => expect(receiver.received).toHaveLength(1));
  const [from, until] = [-1_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
  const order = { subscriptionId: id, from, until, reason: 'a new version is installed' };
  const { status, body } = await exchange.call('POST', '/v1/outages', hooks.reader, order);
  expect(status).toBe(201);
  receiver.release();
  await hooks.shows(id, { lastError: 'the receiver answered 500', webhook: { held: 0 } });
  return () => exchange.call('DELETE', `/v1/outages/${String(body.outageId)}`, hooks.reader);
}
const of = (ids: string[], wanted: string[]) => ids.filter((id) => wanted.includes(id));

describe('webhooks ordered by key', () => {
  it('send each event by itself, those of one key in order', async () => {
    const { datasetId, receiver, id } = await keyed();
    const keys = Array.from({ length: 60 }, (_, i) => `k${i % 6}`);
    await publishKeys(datasetId, keys);
    await hooks.shows(id, { ackedPosition: 60, delivered: 60, lag: 0, webhook: { order: 'key', maxEvents: 1 } });
    expect(receiver.received.map(({ headers }) => headers['content-type'])).toEqual(
      Array.from({ length: 60 }, () => 'application/cloudevents+json; charset=utf-8'),
    );
    for (let key = 0; key < 6; key += 1) {
      const own = Array.from({ length: 10 }, (_, i) => String(i * 6 + key + 1));
      expect(of(receiver.ids, own)).toEqual(own);
    }
  });

  it('send events of different keys at the same time, and never two of one', async () => {
    const { datasetId, receiver, id } = await keyed();
    receiver.isHolding = true;
    await publishKeys(datasetId, ['a', 'a', 'b', 'c']);
    await eventually(() => expect([...receiver.ids].sort()).toEqual(['1', '3', '4']));
    receiver.release();
    await hooks.shows(id, { ackedPosition: 4, delivered: 4 });
    expect(receiver.ids.at(-1)).toBe('2');
  });

  it('hold what fails, and of the others its key alone', async () => {
    const { datasetId, receiver, id } = await keyed();
    // Not for its content, after which it would soon be put aside.
    receiver.answerTo = ([first]) => (first?.id === '2' ? { status: 404 } : undefined);
    await publishKeys(datasetId, ['a', 'b', 'b', 'c', 'b', 'a']);
    await hooks.shows(id, {
      ackedPosition: 1,
      lag: 5,
      delivered: 3,
      attempts: expect.any(Number),
      lastError: 'the receiver answered 404',
      nextAttemptAt: expect.any(String),
      webhook: { held: 3, circuit: 'closed' },
    });
    expect(of(receiver.ids, ['3', '5'])).toEqual([]);
    // What comes later of that key waits as well; of others it goes on.
    await exchange.publishBatch(hooks.publisher, [
      event(datasetId, '7', { key: 'b' }),
      event(datasetId, '8', { key: 'd' }),
    ]);
    await eventually(() => expect(receiver.ids).toContain('8'));
    await hooks.shows(id, { delivered: 4, webhook: { held: 4 } });
    receiver.answerTo = () => undefined;
    await eventually(async () => {
      await hurry(id);
      expect(await hooks.view(id)).toMatchObject({ ackedPosition: 8, lag: 0, delivered: 8, webhook: { held: 0 } });
    });
    expect(of(receiver.ids, ['3', '5', '7'])).toEqual(['3', '5', '7']);
    const ids = receiver.received
      .filter(({ body }) => body.includes('"id":"2"'))
      .map((one) => one.headers['webhook-id']);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
  });

  it('put aside what fails too often, and go on behind it', async () => {
    const { datasetId, receiver, id } = await keyed({ maxAttempts: 2 });
    receiver.answerTo = ([first]) => (first?.id === '1' ? { status: 422 } : undefined);
    // The second attempt, which is the last, waits for its answer.
    receiver.onReceived = () => (receiver.isHolding = of(receiver.ids, ['1']).length > 1);
    await publishKeys(datasetId, ['a', 'a', 'b']);
    await hooks.shows(id, { webhook: { held: 2 } });
    const asked = `/v1/events/status?source=${encodeURIComponent(`/tests/${datasetId}`)}&id=1`;
    const deliveries = async () => (await exchange.call('GET', asked, hooks.publisher)).body.deliveries as object[];
    // The cursor is past it, and nobody has it.
    for (const delivery of await deliveries()) expect(delivery).toMatchObject({ isDone: false });
    await hurry(id);
    await eventually(() => expect(of(receiver.ids, ['1'])).toHaveLength(2));
    receiver.onReceived = () => undefined;
    receiver.release();
    await hooks.shows(id, { ackedPosition: 3, delivered: 2, webhook: { held: 0, deadLetters: 1 } });
    expect(await deliveries()).toContainEqual(expect.objectContaining({ isDone: true }));
    expect(of(receiver.ids, ['2'])).toEqual(['2']);
    const { body } = await exchange.call('GET', `/v1/subscriptions/${id}/dead-letters`, hooks.reader);
    expect(body.items).toMatchObject([{ firstPosition: 1, lastPosition: 1, attempts: 2 }]);
    const [{ deadLetterId }] = body.items as [{ deadLetterId: string }];
    receiver.answerTo = () => undefined;
    expect((await hooks.at(id, `dead-letters/${deadLetterId}/redrive`)).body).toEqual({ delivered: true });
    await hooks.shows(id, { delivered: 3, webhook: { deadLetters: 0 } });
  });

  it('put aside at once what may be tried only once', async () => {
    const { datasetId, receiver, id } = await keyed({ maxAttempts: 1 });
    receiver.answerTo = ([first]) => (first?.id === '1' ? { status: 422 } : undefined);
    await publishKeys(datasetId, ['a', 'a']);
    await hooks.shows(id, { ackedPosition: 2, delivered: 1, webhook: { held: 0, deadLetters: 1 } });
  });

  it('lose nothing when a process dies: what is not confirmed goes out again', async () => {
    const { datasetId, receiver, id } = await keyed();
    receiver.isHolding = true;
    await publishKeys(datasetId, ['a', 'b']);
    await eventually(() => expect(receiver.ids).toHaveLength(2));
    // As if the process that holds the lease were gone: nothing of the page was noted, and another begins anew.
    const rows = await exchange.db.query<unknown[]>(
      `WITH freed AS (UPDATE subscriptions SET lease_owner = NULL, lease_until = NULL WHERE subscription_id = $1
                      RETURNING acked_position, held) SELECT * FROM freed`,
      [id],
    );
    expect(rows).toEqual([{ acked_position: '0', held: 0 }]);
    await eventually(() => expect([...receiver.ids].sort()).toEqual(['1', '1', '2', '2']));
    receiver.release();
    await hooks.shows(id, { ackedPosition: 2, delivered: 2, webhook: { held: 0 } });
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('are passed over by a skip, and forget what is held when they move', async () => {
    const { datasetId, receiver, id } = await keyed();
    receiver.answerTo = ([first]) => (first?.id === '2' ? { status: 404 } : undefined);
    await publishKeys(datasetId, ['a', 'b', 'b', 'c']);
    await hooks.shows(id, { ackedPosition: 1, delivered: 2, webhook: { held: 2 } });
    expect(await hooks.at(id, 'skip', { count: 1, reason: 'not readable there' })).toMatchObject({ status: 200 });
    await hooks.shows(id, { ackedPosition: 4, delivered: 3, webhook: { held: 0 } });
    expect(of(receiver.ids, ['3'])).toEqual(['3']);
    await hooks.at(id, 'seek', { to: { position: 2 } });
    await hooks.shows(id, { ackedPosition: 1, webhook: { held: 2 } });
    expect((await hooks.at(id, 'seek', { to: 'now' })).body).toMatchObject({ ackedPosition: 4, webhook: { held: 0 } });
    const held = await exchange.db.query('SELECT * FROM held_events WHERE subscription_id = $1', [id]);
    expect(held).toEqual([]);
  });

  it('wait as a whole while the endpoint is down, and put nothing aside', async () => {
    const { datasetId, receiver, id } = await keyed({ maxAttempts: 1 });
    receiver.answer = { status: 503 };
    await publishKeys(
      datasetId,
      Array.from({ length: 20 }, (_, i) => `k${i}`),
    );
    await hooks.shows(id, { ackedPosition: 0, delivered: 0, webhook: { circuit: 'open', held: 0, deadLetters: 0 } });
    expect(receiver.received.length).toBeLessThan(20);
  });

  it.each([503, 'nothing'] as const)(
    'wait for an endpoint that answers %s, whatever the event may cost',
    async (what) => {
      const { datasetId, receiver, id } = await keyed({ maxAttempts: 1 });
      if (what === 'nothing') receiver.isDeaf = true;
      else receiver.answer = { status: what };
      await publishKeys(datasetId, ['a']);
      await eventually(() => expect(receiver.attempts).toBe(1));
      await hooks.shows(id, { lastError: expect.any(String) as string });
      await hooks.shows(id, {
        ackedPosition: 0,
        delivered: 0,
        webhook: { held: 0, deadLetters: 0, circuit: 'closed' },
      });
      receiver.isDeaf = false;
      receiver.answer = { status: 204 };
      await hooks.shows(id, { ackedPosition: 1, delivered: 1, webhook: { held: 0, deadLetters: 0 } });
    },
  );

  it('go on with other keys while a receiver fails at one event, which is put aside in the end', async () => {
    const { datasetId, receiver, id } = await keyed({ maxAttempts: 2 });
    receiver.answerTo = ([first]) => (first?.id === '1' ? { status: 500 } : undefined);
    await publishKeys(datasetId, ['a']);
    await hooks.shows(id, { lastError: 'the receiver answered 500', webhook: { held: 0 } });
    const more = ['b', 'c', 'd', 'e'];
    for (const [i, key] of more.entries()) {
      await exchange.publish(hooks.publisher, event(datasetId, String(i + 2), { key }));
      await hooks.shows(id, { delivered: i + 1 });
      await hurry(id);
    }
    await hooks.shows(id, { ackedPosition: 5, delivered: 4, webhook: { held: 0, deadLetters: 1 } });
  });

  it('hold what a receiver fails at where another subscription shows that it is there', async () => {
    const one = await keyed();
    const { datasetId, receiver, id } = one;
    const beside = await hooks.hooked({ url: receiver.url });
    receiver.answerTo = ([first]) => (first?.source === `/datasets/${datasetId}` ? { status: 500 } : undefined);
    const goOn = await failsOnce(one, ['a', 'a']);
    await hooks.publish(beside.datasetId, '1');
    await hooks.shows(beside.id, { delivered: 1, webhook: { circuit: 'closed' } });
    await goOn();
    await hooks.shows(id, { ackedPosition: 0, webhook: { held: 2 } });
  });

  it('hold in the end what nothing else could show to be the event or the endpoint', async () => {
    const one = await keyed();
    const { receiver, id } = one;
    receiver.answer = { status: 500 };
    const goOn = await failsOnce(one, ['a']);
    // As if it had waited for a day.
    await exchange.db.query(
      'UPDATE subscriptions SET failures = 288, next_attempt_at = NULL WHERE subscription_id = $1',
      [id],
    );
    await goOn();
    await hooks.shows(id, { ackedPosition: 0, webhook: { held: 1, deadLetters: 0 } });
  });

  it('hold the one event of a page, as a rate makes them, also when it opens the circuit', async () => {
    const { datasetId, agreement } = await hooks.hooked();
    const receiver = await hooks.receiver();
    receiver.consent = { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '6000' };
    const { id } = await hooks.hook(agreement, { url: receiver.url, order: 'key', handshake: true });
    receiver.answerTo = ([first]) => (first?.id === '1' ? { status: 503, headers: { 'retry-after': '1' } } : undefined);
    await publishKeys(datasetId, ['a', 'b']);
    await hooks.shows(id, { delivered: 0, webhook: { held: 1, circuit: 'open' } });
    await exchange.db.query('UPDATE endpoint_circuits SET open_until = now() WHERE url = $1', [receiver.url]);
    await hooks.shows(id, { delivered: 1, webhook: { held: 1 } });
  });

  it.each(['suspended', 'expired'] as const)('begin no request a second after their right is %s', async (how) => {
    const owner = await exchange.system(consumer, ['events:read']);
    const { datasetId } = await exchange.dataset();
    await publishKeys(datasetId, Array<string>(20).fill('a'));
    const { terms } = await exchange.agreement(datasetId);
    const validTo = new Date(Date.now() + 3_600_000).toISOString();
    const agreement = await exchange.agreement(datasetId, { terms: { ...terms, validTo } });
    const receiver = await hooks.receiver();
    receiver.delayMs = 500;
    const { id } = await hooks.hook(agreement, { url: receiver.url, order: 'key' }, owner);
    await eventually(() => expect(receiver.received).toHaveLength(2));
    if (how === 'suspended') await exchange.principal(owner, 'suspended', 2);
    else exchange.decideAt(new Date(validTo));
    const begun = receiver.received.length;
    await hooks.shows(id, { lastError: expect.stringContaining('decision.denied') as string });
    expect(begun).toBeLessThan(19);
    // What was already on its way.
    expect(receiver.received.length).toBeLessThanOrEqual(begun + 1);
  });

  it('begin no request a second after it is last known that their right stands, and go on when it is again', async () => {
    const { datasetId, receiver, id } = await keyed();
    receiver.delayMs = 500;
    await publishKeys(datasetId, Array<string>(10).fill('a'));
    await eventually(() => expect(receiver.received).toHaveLength(2));
    await exchange.registryIsKnown('-infinity');
    const at = Date.now();
    try {
      await hooks.shows(id, { lastError: expect.stringContaining('newest decisions') as string });
      expect(receiver.received.length).toBeLessThan(10);
      expect(receiver.received.at(-1)?.at).toBeLessThan(at + 2_500);
    } finally {
      await exchange.registryIsKnown();
    }
    await hooks.shows(id, { ackedPosition: 10, delivered: 10, lag: 0, webhook: { held: 0 } });
    expect(receiver.ids).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
  });

  it('keep record keys as digests alone', async () => {
    const { datasetId, receiver, id } = await keyed();
    receiver.answer = { status: 422 };
    await publishKeys(datasetId, ['resident-4711']);
    await hooks.shows(id, { webhook: { held: 1 } });
    expect(JSON.stringify(await exchange.db.query('SELECT * FROM held_events'))).not.toContain('resident-4711');
  });

  it('take one event in a request alone', async () => {
    const { datasetId } = await exchange.dataset();
    const { agreementId } = await exchange.agreement(datasetId);
    const webhook = { url: 'http://127.0.0.1:9/hook', order: 'key', maxEvents: 2 };
    const order = { agreementId, purpose: 'case-handling', mode: 'webhook', webhook, startFrom: 'now' };
    const refused = await exchange.call('POST', '/v1/subscriptions', hooks.reader, order);
    expect(refused).toMatchObject({ status: 400, body: { faults: [{ pointer: '/webhook/maxEvents' }] } });
  });
});

describe('webhooks of few events', () => {
  it.each([
    [1, 'application/cloudevents+json; charset=utf-8', 5],
    [2, 'application/cloudevents-batch+json; charset=utf-8', 3],
  ])('get %i at a time, in order, with an id that stays', async (maxEvents, type, requests) => {
    const { datasetId, receiver, id } = await hooks.hooked({ maxEvents });
    receiver.answerTo = () => (receiver.received.length === 1 ? { status: 422 } : undefined);
    // All of them are there when the first goes out.
    await hooks.at(id, 'pause');
    await publishKeys(datasetId, ['a', 'b', 'c', 'd', 'e']);
    await hooks.at(id, 'resume');
    await hooks.shows(id, { ackedPosition: 5, delivered: 5, webhook: { maxEvents, order: 'dataset' } });
    const [failed, ...taken] = receiver.received;
    expect(taken).toHaveLength(requests);
    expect(receiver.ids.slice(maxEvents)).toEqual(['1', '2', '3', '4', '5']);
    expect(new Set(taken.map(({ headers }) => headers['content-type']))).toEqual(new Set([type]));
    expect(failed?.headers['webhook-id']).toBe(taken[0]?.headers['webhook-id']);
    expect(new Set(taken.map(({ headers }) => headers['webhook-id'])).size).toBe(requests);
  });
});
