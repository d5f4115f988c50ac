import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { deliveryModes } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { SseClient } from './delivery/sse-client.int.spec';
import { type Caller, consumer, event, Exchange, provider, stranger } from './exchange.int.spec';

type Ids = { agreement: string; subscription: string; stream: string; export: string; outage: string; source: string };
type Answer = { status: number; body: Record<string, unknown> };
type Ask = [name: string, method: 'GET' | 'POST' | 'DELETE', url: (ids: Ids) => string, body?: (ids: Ids) => object];

let exchange: Exchange;
let owner: Caller;
let other: Caller;
let owned: Ids;
let others: Ids;

beforeAll(async () => {
  exchange = await Exchange.start();
  owner = await exchange.system(consumer, ['events:read']);
  other = await exchange.system(stranger, ['events:read', 'events:publish']);
  owned = await everythingOf(owner, consumer);
  others = await everythingOf(other, stranger);
}, 90_000);
afterAll(() => exchange.stop());

/** One of each thing that a department may have, over a dataset of three events. */
async function everythingOf(caller: Caller, consumerDepartment: string): Promise<Ids> {
  const publisher = await exchange.system(provider, ['events:publish']);
  const { datasetId } = await exchange.dataset();
  const { agreementId, terms } = await exchange.agreement(datasetId, { consumerDepartment });
  const all = { ...terms, deliveryModes: [...deliveryModes] };
  await exchange.agreement(datasetId, { agreementId, consumerDepartment, terms: all, version: 2 });
  await exchange.publishBatch(
    publisher,
    ['a', 'b', 'c'].map((id) => event(datasetId, id)),
  );
  await exchange.ledgerAt(datasetId, 3);
  const use = { agreementId, purpose: 'case-handling' };
  const made = async (url: string, order: object, name: string): Promise<string> => {
    const { body } = await exchange.call('POST', url, caller, order);
    expect(body).toMatchObject({ [name]: expect.any(String) });
    return String(body[name]);
  };
  const subscribe = (mode: string) =>
    made('/v1/subscriptions', { ...use, mode, startFrom: 'beginning' }, 'subscriptionId');
  const period = { from: '2098-01-01T00:00:00Z', until: '2098-01-02T00:00:00Z' };
  const file = await made('/v1/exports', { ...use, format: 'csv', of: 'events' }, 'exportId');
  await eventually(async () =>
    expect((await exchange.call('GET', `/v1/exports/${file}`, caller)).body.status).toBe('done'),
  );
  return {
    agreement: agreementId,
    subscription: await subscribe('pull'),
    stream: await subscribe('sse'),
    export: file,
    outage: await made('/v1/outages', { ...period, reason: 'a new server' }, 'outageId'),
    source: `/tests/${datasetId}`,
  };
}

const nothing = (): Ids => ({
  agreement: randomUUID(),
  subscription: randomUUID(),
  stream: randomUUID(),
  export: randomUUID(),
  outage: randomUUID(),
  source: `/tests/${randomUUID()}`,
});
const subscriptionOf = ({ subscription }: Ids): string => `/v1/subscriptions/${subscription}`;
const exportOf = ({ export: id }: Ids): string => `/v1/exports/${id}`;
const useOf = ({ agreement }: Ids) => ({ agreementId: agreement, purpose: 'case-handling' });
const link = '/download?expires=4070908800&signature=0000000000000000000000000000000000000000000';

const asks: Ask[] = [
  ['a subscription', 'GET', subscriptionOf],
  ['its events', 'GET', (ids) => `${subscriptionOf(ids)}/events`],
  ['its stream', 'GET', ({ stream }) => `/v1/subscriptions/${stream}/stream`],
  ['its dead letters', 'GET', (ids) => `${subscriptionOf(ids)}/dead-letters`],
  ['a dead letter', 'POST', (ids) => `${subscriptionOf(ids)}/dead-letters/${randomUUID()}/redrive`],
  ['all its dead letters', 'POST', (ids) => `${subscriptionOf(ids)}/dead-letters/redrive`],
  ['to pause it', 'POST', (ids) => `${subscriptionOf(ids)}/pause`],
  ['to resume it', 'POST', (ids) => `${subscriptionOf(ids)}/resume`],
  ['to acknowledge its events', 'POST', (ids) => `${subscriptionOf(ids)}/ack`, () => ({ cursor: 'x' })],
  ['to go elsewhere in it', 'POST', (ids) => `${subscriptionOf(ids)}/seek`, () => ({ to: 'now' })],
  ['to pass over its events', 'POST', (ids) => `${subscriptionOf(ids)}/skip`, () => ({ count: 1, reason: 'a test' })],
  ['a new secret for it', 'POST', (ids) => `${subscriptionOf(ids)}/rotate-secret`, () => ({ overlapHours: 0 })],
  ['to remove it', 'DELETE', subscriptionOf],
  ['an export', 'GET', exportOf],
  ['its manifest', 'GET', (ids) => `${exportOf(ids)}/manifest`],
  ['its file', 'GET', (ids) => `${exportOf(ids)}/file`],
  ['its file by a forged link', 'GET', (ids) => exportOf(ids) + link],
  ['to delete it', 'DELETE', exportOf],
  ['to end an outage', 'DELETE', ({ outage }) => `/v1/outages/${outage}`],
  [
    'an outage of a subscription',
    'POST',
    () => '/v1/outages',
    ({ subscription }) => ({
      subscriptionId: subscription,
      from: '2098-01-01T00:00:00Z',
      until: '2098-01-02T00:00:00Z',
      reason: 'a test',
    }),
  ],
  ['a query', 'POST', () => '/v1/queries', (ids) => ({ ...useOf(ids), key: 'key-a' })],
  ['to export', 'POST', () => '/v1/exports', (ids) => ({ ...useOf(ids), format: 'csv', of: 'latest' })],
  [
    'to subscribe',
    'POST',
    () => '/v1/subscriptions',
    (ids) => ({ ...useOf(ids), mode: 'pull', startFrom: 'beginning' }),
  ],
  ['the subscriptions of an agreement', 'GET', ({ agreement }) => `/v1/subscriptions?agreementId=${agreement}`],
  ['an event', 'GET', ({ source }) => `/v1/events/status?source=${source}&id=a`],
];

/** All that an answer tells, without the ids that were in the question. */
function told({ status, body }: Answer, ids: Ids): string {
  const { traceId: _, ...rest } = body;
  return Object.values(ids).reduce(
    (text, id) => text.replaceAll(id, 'ID'),
    `${status} ${JSON.stringify(rest)}`.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'),
  );
}

describe('a department that asks for what is another’s', () => {
  // In one piece: a function of four arguments would be taken to have a callback.
  it.each(asks.map((ask): [string, Ask] => [ask[0], ask]))(
    'learns as much of %s as if it were not there',
    async (_, ask) => {
      const [, method, url, body] = ask;
      const invented = nothing();
      const [there, nowhere] = [
        await exchange.call(method, url(owned), other, body?.(owned)),
        await exchange.call(method, url(invented), other, body?.(invented)),
      ];
      expect(told(there, owned)).toBe(told(nowhere, invented));
      expect(JSON.stringify(there.body)).not.toContain('key-');
    },
  );

  it('changes nothing by it', async () => {
    const { body } = await exchange.call('GET', subscriptionOf(owned), owner);
    expect(body).toMatchObject({ status: 'active', ackedPosition: 0, version: 1 });
    expect((await exchange.call('GET', `${exportOf(owned)}/file`, owner)).status).toBe(200);
    const { body: outages } = await exchange.call('GET', '/v1/outages', owner);
    expect(outages.items).toEqual([expect.objectContaining({ outageId: owned.outage })]);
  });

  it('cannot use the cursors of another', async () => {
    const pulled = await exchange.call('GET', `${subscriptionOf(owned)}/events?limit=2`, owner);
    const cursor = String(pulled.body.nextCursor);
    const used = await exchange.call('GET', `${subscriptionOf(others)}/events?cursor=${cursor}`, other);
    expect(used).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    const acked = await exchange.call('POST', `${subscriptionOf(others)}/ack`, other, { cursor });
    expect(acked).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    const asked = { purpose: 'case-handling', where: { '/key': 'key-a' }, cursor };
    const query = await exchange.call('POST', '/v1/queries', other, { ...asked, agreementId: others.agreement });
    expect(query).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
  });

  it('cannot go on with the stream of another, nor acknowledge by its ids', async () => {
    const mine = await SseClient.open(exchange, owned.stream, owner);
    await mine.has(3);
    mine.close();
    const headers = { 'last-event-id': mine.lastEventId };
    const client = await SseClient.open(exchange, others.stream, other, headers);
    client.close();
    expect(client.status).toBe(400);
    const { body } = await exchange.call('GET', `/v1/subscriptions/${others.stream}`, other);
    expect(body).toMatchObject({ ackedPosition: 0 });
  });

  it('sees its own things alone in lists, wherever another’s cursor puts it', async () => {
    const key = Buffer.from(JSON.stringify(['2000-01-01T00:00:00.000Z', owned.subscription])).toString('base64url');
    for (const list of ['subscriptions', 'exports', 'outages'])
      for (const query of list === 'outages' ? [''] : ['', `?cursor=${key}`, '?limit=500']) {
        const { body } = await exchange.call('GET', `/v1/${list}${query}`, other);
        const text = JSON.stringify(body);
        for (const id of Object.values(owned)) expect(text).not.toContain(id);
      }
  });
});
