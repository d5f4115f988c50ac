import 'reflect-metadata';
import { once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { AgreementRecordV1 } from '@govbus/contracts';
import { type Clock, TokenVerifier } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { type Caller, consumer, event, Exchange, marker, stranger } from '../exchange.int.spec';
import { SseClient, StuckClient } from './sse-client.int.spec';
import { SseStreams } from './sse-streams';
import { Waiters } from './waiters';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;
const clients: SseClient[] = [];

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterEach(async () => {
  jest.restoreAllMocks();
  clients.splice(0).forEach((client) => client.close());
  await eventually(() => expect(exchange.app.get(SseStreams).size).toBe(0));
  expect(exchange.app.get(Waiters).size).toBe(0);
});
afterAll(() => exchange.stop());

const terms = (over: object = {}): AgreementRecordV1['terms'] => ({
  purposes: ['case-handling'],
  legalBasis: 'Regulation, article 2',
  fields: ['/key', '/name'],
  masks: [{ field: '/name', kind: 'redact' }],
  rowFilter: { equals: { field: '/area', value: 'north' } },
  validFrom: '2020-01-01T00:00:00Z',
  validTo: '2099-01-01T00:00:00Z',
  deliveryModes: ['sse'],
  ...over,
});
const subscribe = async (agreementId: string, from = exchange, by = reader): Promise<string> => {
  const order = { agreementId, purpose: 'case-handling', mode: 'sse', startFrom: 'beginning' };
  const { status, body } = await from.call('POST', '/v1/subscriptions', by, order);
  expect(status).toBe(201);
  return String(body.subscriptionId);
};
async function subscribed(over: object = {}) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId, { terms: terms(over) });
  return { datasetId, agreement, id: await subscribe(agreement.agreementId) };
}
async function publish(datasetId: string, from: number, count: number, data: (i: number) => object = () => ({})) {
  const events = Array.from({ length: count }, (_, i) => event(datasetId, String(from + i), data(from + i)));
  const { status } = await exchange.publishBatch(publisher, events);
  expect(status).toBe(202);
  await exchange.ledgerAt(datasetId, from + count - 1);
}
async function open(id: string, headers: Record<string, string> = {}, by = reader, claims: object = {}) {
  const client = await SseClient.open(exchange, id, by, headers, claims);
  clients.push(client);
  return client;
}
const subscriptionOf = async (id: string) => (await exchange.call('GET', `/v1/subscriptions/${id}`, reader)).body;
const disclosuresOf = (id: string): Promise<unknown[]> =>
  exchange.db.query('SELECT 1 FROM disclosures WHERE subscription_id = $1', [id]);
/** Up to where a client was shown the ledger. */
async function shownTo(id: string): Promise<number> {
  const sql = 'SELECT disclosed_position AS shown FROM subscriptions WHERE subscription_id = $1';
  const rows = await exchange.db.query<{ shown: string }[]>(sql, [id]);
  return Number(rows[0]?.shown);
}
/** Waits until it takes nothing any more. */
async function stuck(id: string): Promise<void> {
  // Looks, not time: while the process stands still nothing can be taken.
  let [shown, looks] = [0, 0];
  await eventually(async () => {
    const now = await shownTo(id);
    [shown, looks] = [now, now === shown ? looks + 1 : 0];
    expect([shown > 0, looks > 25]).toEqual([true, true]);
  }, 20_000);
}
/** The ids of the events that come in an answer, each as soon as it is there: of the rest nothing is kept. */
function idsIn(answer: IncomingMessage): string[] {
  const ids: string[] = [];
  let rest = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    rest += chunk;
    let end = 0;
    for (const { 0: found, 1: id = '', index } of rest.matchAll(/"id":"(\d+)"/g)) {
      ids.push(id);
      end = index + found.length;
    }
    rest = rest.slice(Math.max(end, rest.length - 40));
  });
  return ids;
}
const evens = (i: number): object => (i % 2 ? {} : { area: 'south' });
const oddUpTo = (last: number): string[] =>
  Array.from({ length: last }, (_, i) => i + 1)
    .filter((i) => i % 2)
    .map(String);

describe('a stream', () => {
  it('holds the granted events in their order, one line each, and goes on as the dataset grows', async () => {
    const { datasetId, id } = await subscribed();
    await publish(datasetId, 1, 300, evens);
    const client = await open(id);
    expect(client.status).toBe(200);
    expect(client.headers['content-type']).toBe('text/event-stream');
    expect(client.headers['cache-control']).toBe('no-store');
    await client.has(150);
    await publish(datasetId, 301, 10, evens);
    await client.has(155);
    expect(client.ids).toEqual(oddUpTo(310));
    expect(client.frames[0]).toMatchObject({ event: 'exchange.record-shared.v1' });
    expect(client.events[0]).toMatchObject({ specversion: '1.0', data: { key: 'key-1', name: null } });
    expect(client.text).not.toContain(marker);
    expect(client.retryMs).toBeGreaterThan(0);
    await eventually(async () => expect(await subscriptionOf(id)).toMatchObject({ delivered: 155, ackedPosition: 0 }));
    const rows = await exchange.db.query<{ sum: string }[]>(
      'SELECT sum(records) FROM disclosures WHERE subscription_id = $1',
      [id],
    );
    expect(rows[0]?.sum).toBe('155');
    const disclosed = (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');
    expect(disclosed.length).toBeGreaterThan(1);
    expect(await exchange.outboxText()).not.toContain(marker);
  });

  it('goes on behind the id that the client names, which is acknowledged by it', async () => {
    const { datasetId, id } = await subscribed();
    await publish(datasetId, 1, 20);
    const first = await open(id);
    await first.has(20);
    first.close();
    const [, , third] = first.frames;
    const again = await open(id, { 'last-event-id': third?.id ?? '' });
    await again.has(17);
    expect(again.ids[0]).toBe('4');
    expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: 3, delivered: 20 });
    again.close();
    const { body } = await exchange.call('POST', `/v1/subscriptions/${id}/ack`, reader, {
      cursor: again.frames[6]?.id,
    });
    expect(body).toMatchObject({ ackedPosition: 10 });
    const plain = await open(id);
    await plain.has(10);
    expect(plain.ids[0]).toBe('11');
  });

  it('lets a client come back behind what the lens hides', async () => {
    const { datasetId, id } = await subscribed();
    await publish(datasetId, 1, 1);
    const client = await open(id);
    await client.has(1);
    const before = client.lastEventId;
    await publish(datasetId, 2, 5, () => ({ area: 'south' }));
    await eventually(() => expect(client.lastEventId).not.toBe(before));
    expect(client.events).toHaveLength(1);
    client.close();
    const again = await open(id, { 'last-event-id': client.lastEventId });
    expect(again.status).toBe(200);
    expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: 6 });
  });

  it('follows its reader who goes back, or passes something over, while it is open and when it is opened again', async () => {
    const { datasetId, id } = await subscribed();
    await publish(datasetId, 1, 6);
    const client = await open(id);
    await client.has(6);
    const move = (what: string, body: object) => exchange.call('POST', `/v1/subscriptions/${id}/${what}`, reader, body);
    // Nothing was acknowledged: it goes back before what was shown.
    await move('seek', { to: { position: 5 } });
    await client.has(8);
    expect(client.ids.slice(6)).toEqual(['5', '6']);
    const [before] = client.frames;
    await move('seek', { to: 'beginning' });
    await client.has(14);
    await move('pause', {});
    await client.ended();
    await publish(datasetId, 7, 2);
    await move('resume', {});
    await move('skip', { count: 7, reason: 'not wanted' });
    const again = await open(id, { 'last-event-id': client.frames[10]?.id ?? '' });
    await again.has(1);
    expect(again.ids).toEqual(['8']);
    // What is named is from before the reader went back: it is no place any more, and acknowledges nothing.
    await move('seek', { to: 'beginning' });
    const late = await open(id, { 'last-event-id': before?.id ?? '' });
    await late.has(8);
    expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: 0 });
  });

  it('beats while nothing happens', async () => {
    const { id } = await subscribed();
    const client = await open(id);
    await eventually(() => expect(client.comments).toBeGreaterThan(0), 30_000);
    expect(client.frames).toEqual([]);
  }, 40_000);
});

describe('the end of a stream', () => {
  it.each(['suspended', 'revoked'] as const)('comes with the reason when the agreement is %s', async (status) => {
    const { datasetId, agreement, id } = await subscribed();
    const other = await subscribe((await exchange.agreement(datasetId, { terms: terms() })).agreementId);
    await publish(datasetId, 1, 3);
    const [client, neighbour] = [await open(id), await open(other)];
    await client.has(3);
    await exchange.change({ ...agreement, status, version: 2 });
    // Sooner than a stream on which nothing happens asks for a page by itself.
    await client.ended();
    expect(client.problem).toMatchObject({
      status: 403,
      code: 'decision.denied',
      explanation: expect.anything() as object,
    });
    await publish(datasetId, 4, 1);
    await neighbour.has(4);
    expect(client.events).toHaveLength(3);
    const denied = (await exchange.entries(datasetId)).filter(({ outcome }) => outcome === 'denied');
    expect(denied).toMatchObject([{ subscriptionId: id, code: 'decision.denied', actor: { id: reader.id } }]);
  });

  it('comes when the agreement expires, the system is suspended or the subscription is paused', async () => {
    const validTo = new Date(Date.now() + 3_600_000).toISOString();
    const expiring = await subscribed({ validTo });
    const byWhom = await exchange.system(consumer, ['events:read']);
    const [one, two, three] = [
      await open(expiring.id),
      await open((await subscribed()).id, {}, byWhom),
      await open((await subscribed()).id),
    ];
    await exchange.principal(byWhom, 'suspended', 2);
    await two.ended();
    expect(two.problem).toMatchObject({ status: 401, code: 'token.revoked' });
    const { id, datasetId } = await subscribed();
    const paused = await open(id);
    await exchange.call('POST', `/v1/subscriptions/${id}/pause`, reader);
    await publish(datasetId, 1, 1);
    await paused.ended();
    expect(paused.events).toEqual([]);
    expect(paused.problem).toMatchObject({ status: 409, code: 'subscription.paused' });
    expect(one.isEnded).toBe(false);
    exchange.decideAt(new Date(validTo));
    await one.ended();
    expect(one.problem).toMatchObject({ status: 403, code: 'decision.denied' });
    expect(three.isEnded).toBe(false);
  }, 60_000);

  it('comes when the token expires', async () => {
    const { id } = await subscribed();
    const exp = Math.floor(Date.now() / 1000) + 60;
    let now = exp * 1000 - 1;
    const tokens = exchange.app.get(TokenVerifier) as unknown as { clock: Pick<Clock, 'now'> };
    jest.replaceProperty(tokens, 'clock', { now: () => new Date(now) });
    const client = await open(id, {}, reader, { exp });
    expect(client.status).toBe(200);
    // It is looked at meanwhile.
    await pause(1_000);
    expect(client.isEnded).toBe(false);
    now += 1;
    await client.ended();
    expect(client.problem).toMatchObject({ status: 401, code: 'token.expired' });
  });

  it('does not come while it is only not sure that the agreement stands', async () => {
    const { datasetId, id } = await subscribed();
    const client = await open(id);
    await exchange.registryIsKnown('-infinity');
    await publish(datasetId, 1, 2);
    const refused = await exchange.call('GET', `/v1/subscriptions/${id}/stream`, reader);
    expect(refused).toMatchObject({ status: 503, body: { code: 'registry.stale' } });
    expect(client.events).toEqual([]);
    await exchange.registryIsKnown();
    await client.has(2);
    expect(client.isEnded).toBe(false);
  });
});

describe('refuses', () => {
  it('ids that are forged, of another subscription, or beyond what was shown', async () => {
    const [mine, other] = [await subscribed(), await subscribed()];
    for (const { datasetId } of [mine, other]) await publish(datasetId, 1, 2);
    const client = await open(other.id);
    await client.has(2);
    const foreign = client.lastEventId;
    await exchange.call('POST', `/v1/subscriptions/${mine.id}/seek`, reader, { to: 'beginning' });
    for (const id of [foreign, '2', 'x.y', `${foreign}x`, Buffer.from('["x",2]').toString('base64url')]) {
      const answer = await open(mine.id, { 'last-event-id': id });
      expect(answer.status).toBe(400);
    }
    expect(await subscriptionOf(mine.id)).toMatchObject({ ackedPosition: 0, delivered: 0 });
  });

  it('other departments, other modes, what is not granted, and HEAD', async () => {
    const { datasetId, id } = await subscribed();
    const at = `/v1/subscriptions/${id}/stream`;
    const foreigner = await exchange.system(stranger, ['events:read']);
    expect(await exchange.call('GET', at, foreigner)).toMatchObject({
      status: 404,
      body: { code: 'subscription.unknown' },
    });
    expect((await exchange.call('GET', at)).status).toBe(401);
    const agreement = await exchange.agreement(datasetId);
    const order = { agreementId: agreement.agreementId, purpose: 'case-handling', startFrom: 'now' };
    const pulled = await exchange.call('POST', '/v1/subscriptions', reader, { ...order, mode: 'pull' });
    const wrong = `/v1/subscriptions/${String(pulled.body.subscriptionId)}/stream`;
    expect(await exchange.call('GET', wrong, reader)).toMatchObject({
      status: 409,
      body: { code: 'subscription.not-streamed' },
    });
    expect(await exchange.call('GET', `/v1/subscriptions/${id}/events`, reader)).toMatchObject({ status: 409 });
    const ungranted = await exchange.call('POST', '/v1/subscriptions', reader, { ...order, mode: 'sse' });
    expect(ungranted).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    const authorization = `Bearer ${await exchange.issuer.token({ ...reader, kind: 'system', roles: [] })}`;
    const head = await exchange.app.inject({ method: 'HEAD', url: at, headers: { authorization } });
    expect(head.statusCode).toBe(405);
  });

  it('more streams of one subscription than may wait', async () => {
    const { id } = await subscribed();
    for (let i = 0; i < 16; i += 1) expect((await open(id)).status).toBe(200);
    const refused = await exchange.call('GET', `/v1/subscriptions/${id}/stream`, reader);
    expect(refused).toMatchObject({ status: 503, body: { code: 'delivery.busy' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('more streams of one department than leave room for others, and lets as many come at once', async () => {
    const { datasetId, agreement, id } = await subscribed();
    const ids = await Promise.all(Array.from({ length: 11 }, () => subscribe(agreement.agreementId)));
    const first = await open(id);
    const others = await Promise.all(ids.flatMap((one) => Array.from({ length: 9 }, () => open(one))));
    expect([first, ...others].map(({ status }) => status)).toEqual(Array(100).fill(200));
    const refused = await open(id);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
    const neighbour = await exchange.system(stranger, ['events:read']);
    const theirs = await exchange.agreement(datasetId, { consumerDepartment: stranger, terms: terms() });
    const other = await subscribe(theirs.agreementId, exchange, neighbour);
    expect((await open(other, {}, neighbour)).status).toBe(200);
    first.close();
    await eventually(() => expect(exchange.app.get(SseStreams).size).toBe(100));
    expect((await open(id)).status).toBe(200);
  }, 60_000);
});

it('holds back what a slow client does not take, delays nobody else, and throws it away at a revocation', async () => {
  const { datasetId, agreement, id } = await subscribed({ fields: ['/key', '/text'], masks: [] });
  const quick = await subscribe((await exchange.agreement(datasetId, { terms: terms() })).agreementId);
  const text = 'x'.repeat(200_000);
  for (let from = 1; from <= 121; from += 30) await publish(datasetId, from, 30, () => ({ text }));
  const slow = await StuckClient.open(exchange, id, reader);
  const client = await open(quick);
  await client.has(150);
  await stuck(id);
  expect(await shownTo(id)).toBeLessThan(150);
  await exchange.change({ ...agreement, status: 'revoked', version: 2 });
  // Sooner than a client that takes nothing is broken off anyway.
  await eventually(() => expect(exchange.app.get(SseStreams).size).toBe(1));
  const taken = await slow.rest();
  expect(taken).toBeLessThan((await shownTo(id)) * text.length);
}, 60_000);

it('holds no more for a client that takes nothing the oftener it is sent elsewhere, nor goes on when nothing is sure', async () => {
  const { datasetId, id } = await subscribed({ fields: ['/key', '/text'], masks: [] });
  const text = 'x'.repeat(200_000);
  for (let from = 1; from <= 121; from += 30) await publish(datasetId, from, 30, () => ({ text }));
  const server = exchange.app.getHttpServer();
  if (!server.listening) await exchange.app.listen(0, '127.0.0.1');
  const token = await exchange.issuer.token({ ...reader, kind: 'system', roles: [] });
  const url = `${await exchange.app.getUrl()}/v1/subscriptions/${id}/stream`;
  const request = get(url, { agent: false, headers: { authorization: `Bearer ${token}` } });
  const [[, held], [answer]] = (await Promise.all([once(server, 'request'), once(request, 'response')])) as [
    [unknown, ServerResponse],
    [IncomingMessage],
  ];
  try {
    await stuck(id);
    const before = held.writableLength;
    for (let moves = 1; moves <= 10; moves += 1) {
      const { length } = await disclosuresOf(id);
      await exchange.call('POST', `/v1/subscriptions/${id}/seek`, reader, { to: 'beginning' });
      await eventually(async () => expect(await disclosuresOf(id)).not.toHaveLength(length));
    }
    await pause(300);
    expect(held.writableLength).toBeLessThan(before + text.length);

    await exchange.registryIsKnown('-infinity');
    await pause(1_000);
    const ids = idsIn(answer);
    const upTo = (last: number): string[] => Array.from({ length: last }, (_, i) => String(i + 1));
    // All that was written has come.
    await eventually(() =>
      expect([held.writableLength, request.socket?.bytesRead]).toEqual([0, held.socket?.bytesWritten]),
    );
    const old = [...ids];
    // What was written before the first move, and nothing of a page that waited.
    expect(old).toEqual(upTo(old.length));
    await exchange.registryIsKnown();
    // What was not written counts as not sent.
    await eventually(() => expect(ids).toEqual([...old, ...upTo(150)]), 30_000);
  } finally {
    await exchange.registryIsKnown();
    request.destroy();
  }
}, 60_000);

it.each(['suspended', 'expired'])(
  'throws away what a slow client was not sent yet when its right is %s',
  async (how) => {
    const byWhom = await exchange.system(consumer, ['events:read']);
    const { datasetId } = await exchange.dataset();
    for (let from = 1; from <= 121; from += 30)
      await publish(datasetId, from, 30, () => ({ text: 'x'.repeat(200_000) }));
    const validTo = new Date(Date.now() + 3_600_000).toISOString();
    const over = { fields: ['/key', '/text'], masks: [], validTo };
    const id = await subscribe((await exchange.agreement(datasetId, { terms: terms(over) })).agreementId);
    const slow = await StuckClient.open(exchange, id, byWhom);
    const streams = exchange.app.get(SseStreams);
    await stuck(id);
    expect(streams.size).toBe(1);
    if (how === 'suspended') await exchange.principal(byWhom, 'suspended', 2);
    else exchange.decideAt(new Date(validTo));
    // Sooner than a client that takes nothing is broken off anyway.
    await eventually(() => expect(streams.size).toBe(0));
    expect(await slow.rest()).toBeLessThan((await shownTo(id)) * 200_000);
  },
  60_000,
);

it('discloses nothing more for a client that went while its stream was decided', async () => {
  const { datasetId, agreement, id } = await subscribed();
  await publish(datasetId, 1, 300);
  const holder = exchange.db.createQueryRunner();
  const key = `hashtextextended('agreement:${agreement.agreementId}', 0)`;
  await holder.query(`SELECT pg_advisory_lock(${key})`);
  const gone = await StuckClient.open(exchange, id, reader);
  const streams = exchange.app.get(SseStreams);
  await eventually(() => expect(streams.size).toBe(1));
  gone.close();
  const server = exchange.app.getHttpServer();
  const connections = promisify(server.getConnections.bind(server));
  await eventually(async () => expect(await connections()).toBe(0));
  await holder.query(`SELECT pg_advisory_unlock(${key})`);
  await holder.release();
  await eventually(() => expect(streams.size).toBe(0));
  // What was decided already, and no page behind it.
  const { length } = await disclosuresOf(id);
  expect(length).toBeLessThanOrEqual(1);
  await publish(datasetId, 301, 1);
  // Another client shows that streams have been woken since.
  const client = await open(id);
  await client.has(301);
  client.close();
  await eventually(() => expect(streams.size).toBe(0));
  expect(await disclosuresOf(id)).toHaveLength(length + 4);
}, 60_000);

it('ends cleanly when the process stops, and tells clients when to come back', async () => {
  const other = await Exchange.start();
  const caller = await other.system(consumer, ['events:read']);
  const { datasetId } = await other.dataset();
  const { agreementId } = await other.agreement(datasetId, { terms: terms() });
  const client = await SseClient.open(other, await subscribe(agreementId, other, caller), caller);
  expect(client.status).toBe(200);
  await other.stop();
  await client.ended();
  expect(client.frames).toEqual([]);
  expect(client.text.endsWith('retry: 2000\n\n')).toBe(true);
}, 60_000);
