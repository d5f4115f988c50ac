import 'reflect-metadata';
import type { AgreementRecordV1, DeliveredEvent } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { type Caller, event, type Exchange } from '../exchange.int.spec';
import { ExportBench } from '../exports/exports.shared.int.spec';

let bench: ExportBench;
let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => {
  bench = await ExportBench.start();
  ({ exchange, publisher, reader } = bench);
}, 60_000);
afterAll(() => bench.stop());

const [past, future] = ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z'];

/** A dataset with these events, and a subscription to all of it. */
async function filled(...events: object[]) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId, {
    terms: bench.terms({ deliveryModes: ['pull', 'query', 'file'] }),
  });
  const all = events.map((over, i) => ({ ...event(datasetId, String(i + 1)), ...over }));
  expect((await exchange.publishBatch(publisher, all)).status).toBe(202);
  await exchange.ledgerAt(datasetId, events.length);
  const { agreementId } = agreement;
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
  const { body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
  return { datasetId, agreement, subscriptionId: String(body.subscriptionId) };
}
const idsIn = (body: Record<string, unknown>) => (body.events as DeliveredEvent[]).map(({ id }) => id);
const pull = (subscriptionId: string) => exchange.call('GET', `/v1/subscriptions/${subscriptionId}/events`, reader);
const ask = async ({ agreementId }: AgreementRecordV1, question: object) => {
  const asked = { agreementId, purpose: 'case-handling', ...question };
  const { status, body } = await exchange.call('POST', '/v1/queries', reader, asked);
  expect(status).toBe(200);
  return idsIn(body);
};
const disclosuresOf = async (datasetId: string) =>
  (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');

async function exported(agreement: AgreementRecordV1, of: string): Promise<string[]> {
  const { content } = await bench.file(await bench.done(agreement, { format: 'ndjson', of }));
  const lines = content.toString().split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as DeliveredEvent).id);
}

describe('an event whose `expirytime` is over', () => {
  it('is passed over by a pull and left out of what is recorded', async () => {
    const { datasetId, subscriptionId } = await filled({ expirytime: past }, { expirytime: future }, {});
    const { body } = await pull(subscriptionId);
    expect([idsIn(body), body.hasMore]).toEqual([['2', '3'], false]);
    expect(await disclosuresOf(datasetId)).toMatchObject([{ positions: { first: 2, last: 3 }, records: 2 }]);
    const url = `/v1/subscriptions/${subscriptionId}/ack`;
    expect((await exchange.call('POST', url, reader, { cursor: body.nextCursor })).status).toBe(200);
    expect(idsIn((await pull(subscriptionId)).body)).toEqual([]);
  });

  it('is no record of a query, and in no file', async () => {
    const { agreement } = await filled({ expirytime: past }, { expirytime: future });
    expect(await ask(agreement, { key: 'key-1' })).toEqual([]);
    expect(await ask(agreement, { key: 'key-2' })).toEqual(['2']);
    expect(await ask(agreement, { where: { '/key': 'key-1' } })).toEqual([]);
    for (const content of ['latest', 'events']) expect(await exported(agreement, content)).toEqual(['2']);
  });

  it('stays delivered to those who had it before', async () => {
    const { datasetId, subscriptionId } = await filled(
      { expirytime: future },
      { data: { key: 'k', area: 'south' } },
      {},
    );
    expect(idsIn((await pull(subscriptionId)).body)).toEqual(['1', '3']);
    const [{ disclosedAt }] = await exchange.db.query<[{ disclosedAt: Date }]>(
      'SELECT disclosed_at AS "disclosedAt" FROM disclosures WHERE subscription_id = $1',
      [subscriptionId],
    );
    const expiresAt = disclosedAt.getTime() + 1;
    await exchange.db.query(
      'UPDATE events SET attributes = replace(attributes, $2, $3) WHERE dataset_id = $1 AND position = 1',
      [datasetId, future, new Date(expiresAt).toISOString()],
    );
    await eventually(() => expect(Date.now()).toBeGreaterThan(expiresAt));
    expect(idsIn((await pull(subscriptionId)).body)).toEqual(['3']);
    const at = `/v1/events/status?source=${encodeURIComponent(`/tests/${datasetId}`)}&id=1`;
    const { body } = await exchange.call('GET', at, publisher);
    expect(body).toMatchObject({ deliveries: [{ subscriptionId, record: 'included' }] });
  });

  it('does not keep the removal of its record from those who may have it', async () => {
    const key = { data: { key: 'key-1' } };
    const { subscriptionId } = await filled({ expirytime: past }, { ...key, tombstone: true });
    const { body } = await pull(subscriptionId);
    expect(body.events).toMatchObject([{ id: '2', type: 'exchange.record-removed.v1', data: { key: 'key-1' } }]);
  });

  it('is passed over as well when it is a removal', async () => {
    const key = { data: { key: 'key-1' } };
    const { subscriptionId } = await filled({}, { ...key, tombstone: true, expirytime: past });
    expect(idsIn((await pull(subscriptionId)).body)).toEqual(['1']);
  });
});

it('does not expire for what only its texts say of an `expirytime`', async () => {
  const { subscriptionId } = await filled({ note: `"expirytime":"${past}"` });
  expect(idsIn((await pull(subscriptionId)).body)).toEqual(['1']);
});
