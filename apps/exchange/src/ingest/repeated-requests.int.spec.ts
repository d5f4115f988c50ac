import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
}, 60_000);
afterAll(() => exchange.stop());

const structured = 'application/cloudevents+json';
const batch = 'application/cloudevents-batch+json';
type Post = { key: string; type?: string; headers?: Record<string, string>; by?: Caller; query?: string };
async function post(payload: string | Buffer, { key, type = structured, headers, by = publisher, query = '' }: Post) {
  const token = await exchange.issuer.token({ ...by, kind: 'system', roles: [] });
  const response = await exchange.app.inject({
    method: 'POST',
    url: `/v1/events${query}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': type, 'idempotency-key': key, ...headers },
    payload,
  });
  const { 'idempotency-replayed': replayed } = response.headers;
  return { status: response.statusCode, body: response.json<Record<string, unknown>>(), replayed };
}

describe('an idempotency key on POST /v1/events', () => {
  it('answers a repeated event as the first time, without publishing it again', async () => {
    const { datasetId } = await exchange.dataset();
    const [key, body] = [randomUUID(), JSON.stringify(event(datasetId, '1'))];
    const first = await post(body, { key });
    expect(first).toMatchObject({ status: 202, body: { id: '1', status: 'accepted' }, replayed: undefined });
    // The dataset is gone for new events: whoever is answered `accepted` now was not published again.
    await exchange.dataset({ datasetId, status: 'retired', version: 2 });
    await exchange.reloaded(datasetId, 2);
    expect(await post(body, { key })).toEqual({ ...first, replayed: 'true' });
    expect(await post(gzipSync(body), { key, headers: { 'content-encoding': 'gzip' } })).toMatchObject({
      status: 202,
      replayed: 'true',
    });
    expect(await post(body, { key: `"${key}"` })).toMatchObject({ status: 202, replayed: 'true' });
    expect(await post(body, { key: randomUUID() })).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
  });

  it('is refused with another body, and is another key for another system', async () => {
    const { datasetId } = await exchange.dataset();
    const key = randomUUID();
    expect(await post(JSON.stringify(event(datasetId, '1')), { key })).toMatchObject({ status: 202 });
    const other = JSON.stringify(event(datasetId, '2'));
    const refusal = { status: 422, body: { code: 'idempotency-key.reused' } };
    expect(await post(other, { key })).toMatchObject(refusal);
    expect(await exchange.entries()).toContainEqual(expect.objectContaining({ code: 'idempotency-key.reused' }));
    const colleague = await exchange.system(provider, ['events:publish']);
    expect(await post(other, { key, by: colleague })).toMatchObject({ status: 202 });
    await exchange.ledgerAt(datasetId, 2);
  });

  it('keeps the receipt of a batch, with what was refused in it', async () => {
    const { datasetId } = await exchange.dataset();
    const key = randomUUID();
    const body = JSON.stringify([event(datasetId, '1'), { id: 'bad' }]);
    const first = await post(body, { key, type: batch });
    expect(first).toMatchObject({ status: 207, body: { accepted: 1, refused: 1 } });
    expect(await post(body, { key, type: batch })).toEqual({ ...first, replayed: 'true' });
  });

  it('keeps the receipt also where the id of what was refused can be kept nowhere', async () => {
    const { datasetId } = await exchange.dataset();
    for (const id of ['a\u0000b', 'a\ud83d']) {
      const key = randomUUID();
      const body = JSON.stringify([event(datasetId, randomUUID()), { ...event(datasetId, '1'), id }]);
      const first = await post(body, { key, type: batch });
      expect(first).toMatchObject({ status: 207, body: { accepted: 1, refused: 1 } });
      expect(await post(body, { key, type: batch })).toEqual({ ...first, replayed: 'true' });
    }
  });

  it('counts the attributes of binary mode as part of the body', async () => {
    const { datasetId } = await exchange.dataset();
    const key = randomUUID();
    const headers = { 'ce-specversion': '1.0', 'ce-source': '/tests', 'ce-type': 't', 'ce-dataset': datasetId };
    const data = JSON.stringify({ key: 'k', area: 'north' });
    const send = (id: string) => post(data, { key, type: 'application/json', headers: { ...headers, 'ce-id': id } });
    const id = randomUUID();
    expect(await send(id)).toMatchObject({ status: 202 });
    expect(await send(id)).toMatchObject({ status: 202, replayed: 'true' });
    expect(await send(randomUUID())).toMatchObject({ status: 422 });
  });

  it('may be used again after a refusal, also of a whole batch', async () => {
    const { datasetId } = await exchange.dataset();
    const [key, another] = [randomUUID(), randomUUID()];
    expect(await post('{', { key })).toMatchObject({ status: 400, body: { code: 'body.malformed' } });
    expect(await post(JSON.stringify(event(datasetId, '1')), { key })).toMatchObject({ status: 202 });
    const strict = { key: another, type: batch, query: '?atomic=true' };
    expect(await post('[{}]', strict)).toMatchObject({ status: 400, body: { code: 'batch.refused' } });
    expect(await post(JSON.stringify([event(datasetId, '2')]), strict)).toMatchObject({ status: 202 });
  });

  it.each(['two words', 'x'.repeat(256)])('must be visible ASCII: %j', async (key) => {
    expect(await post('{}', { key })).toMatchObject({ status: 400, body: { code: 'idempotency-key.invalid' } });
  });

  it('is refused by a stream, which has no one receipt', async () => {
    const answer = await post('{}\n', { key: randomUUID(), type: 'application/x-ndjson' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });
});
