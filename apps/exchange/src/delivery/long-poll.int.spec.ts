import 'reflect-metadata';
import type { AgreementRecordV1, DeliveredEvent } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { type Caller, consumer, event, Exchange } from '../exchange.int.spec';
import { Waiters } from './waiters';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

async function subscribed(from = exchange, by = reader) {
  const { datasetId } = await from.dataset();
  const agreement = await from.agreement(datasetId);
  const order = { agreementId: agreement.agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
  const { status, body } = await from.call('POST', '/v1/subscriptions', by, order);
  expect(status).toBe(201);
  return { datasetId, agreement, id: String(body.subscriptionId) };
}
const pull = (id: string, query: string, from = exchange, by = reader) =>
  from.call('GET', `/v1/subscriptions/${id}/events${query}`, by);
const waiting = (count: number, from = exchange) => eventually(() => expect(from.app.get(Waiters).size).toBe(count));
const idsOf = (body: Record<string, unknown>) => (body.events as DeliveredEvent[]).map((delivered) => delivered.id);

describe('waiting for events', () => {
  it('answers when the dataset grows by what the lens lets through, and passes what it does not', async () => {
    const { datasetId, id } = await subscribed();
    const answer = pull(id, '?wait=30');
    await waiting(1);
    await exchange.publish(publisher, event(datasetId, '1', { area: 'south' }));
    await exchange.ledgerAt(datasetId, 1);
    await exchange.publish(publisher, event(datasetId, '2'));
    const { status, body } = await answer;
    expect(status).toBe(200);
    expect(idsOf(body)).toEqual(['2']);
    expect(body.disclosureId).toBeDefined();
    await waiting(0);
  });

  it('does not wait while something is there, and answers an empty page when the time is over', async () => {
    const { datasetId, id } = await subscribed();
    const empty = await pull(id, '?wait=1');
    expect(empty).toMatchObject({ status: 200, body: { events: [], hasMore: false } });
    await exchange.publish(publisher, event(datasetId, '1'));
    await exchange.ledgerAt(datasetId, 1);
    expect(idsOf((await pull(id, `?wait=30&cursor=${String(empty.body.nextCursor)}`)).body)).toEqual(['1']);
    for (const wait of ['31', '-1', 'x'])
      expect(await pull(id, `?wait=${wait}`)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });

  it.each(['suspended', 'revoked'] as const)('ends with 403 when the agreement is %s', async (status) => {
    const { agreement, id } = await subscribed();
    const answer = pull(id, '?wait=30');
    await waiting(1);
    await exchange.change({ ...agreement, status, version: 2 } satisfies AgreementRecordV1);
    expect(await answer).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    await waiting(0);
  });

  it('forgets a client that has gone away', async () => {
    const { id } = await subscribed();
    await exchange.app.listen(0, '127.0.0.1');
    const gone = new AbortController();
    const headers = {
      authorization: `Bearer ${await exchange.issuer.token({ ...reader, kind: 'system', roles: [] })}`,
    };
    const url = `${await exchange.app.getUrl()}/v1/subscriptions/${id}/events?wait=30`;
    const answer = fetch(url, { headers, signal: gone.signal });
    await waiting(1);
    gone.abort();
    await expect(answer).rejects.toThrow();
    await waiting(0);
  });

  it('lets few wait for one subscription', async () => {
    const { agreement, id } = await subscribed();
    const answers = Array.from({ length: 16 }, () => pull(id, '?wait=30'));
    await waiting(16);
    const refused = await pull(id, '?wait=30');
    expect(refused).toMatchObject({ status: 503, body: { code: 'delivery.busy' } });
    expect(refused.headers['retry-after']).toBe('1');
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(16).fill(403));
  });
});

it('ends when the process stops', async () => {
  const other = await Exchange.start();
  const caller = await other.system(consumer, ['events:read']);
  const { id } = await subscribed(other, caller);
  const answer = pull(id, '?wait=30', other, caller);
  await waiting(1, other);
  await other.stop();
  expect(await answer).toMatchObject({ status: 200, body: { events: [] } });
}, 60_000);
