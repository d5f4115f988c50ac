import 'reflect-metadata';
import { type Caller, event, Exchange, marker } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;
beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

type Delivered = { id: string; type: string; data: unknown };

const tombstone = (datasetId: string, id: string, key: string, over: object = {}) => ({
  ...event(datasetId, id),
  tombstone: true,
  data: { key, area: 'south', name: `${marker}-tombstone` },
  ...over,
});
const put = (datasetId: string, id: string, key: string, area = 'north') => event(datasetId, id, { key, area });

async function subscribe(datasetId: string, terms: object = {}): Promise<string> {
  const agreement = await exchange.agreement(datasetId);
  await exchange.change({ ...agreement, terms: { ...agreement.terms, ...terms }, version: 2 });
  const body = { agreementId: agreement.agreementId, purpose: 'case-handling', mode: 'pull' };
  const made = await exchange.call('POST', '/v1/subscriptions', reader, { ...body, startFrom: 'beginning' });
  expect(made.status).toBe(201);
  return String(made.body.subscriptionId);
}

async function pulled(subscriptionId: string): Promise<Delivered[]> {
  const page = await exchange.call('GET', `/v1/subscriptions/${subscriptionId}/events`, reader);
  expect(page.status).toBe(200);
  return page.body.events as Delivered[];
}

async function stored(events: unknown[], datasetId: string): Promise<void> {
  expect(await exchange.publishBatch(publisher, events)).toMatchObject({ body: { accepted: events.length } });
  await exchange.ledgerAt(datasetId, events.length);
}

const ledgerOf = async (datasetId: string) =>
  (await exchange.call('GET', `/v1/datasets/${datasetId}/ledger`, publisher)).body;

describe('a tombstone', () => {
  it('tells those who were given the record that it is removed, by its key alone', async () => {
    const { datasetId } = await exchange.dataset();
    const subscriptionId = await subscribe(datasetId);
    await stored([put(datasetId, '1', 'a'), put(datasetId, '2', 'b'), tombstone(datasetId, '3', 'a')], datasetId);
    const events = await pulled(subscriptionId);
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['exchange.record-shared.v1', { key: 'a', name: null }],
      ['exchange.record-shared.v1', { key: 'b', name: null }],
      ['exchange.record-removed.v1', { key: 'a' }],
    ]);
    expect(JSON.stringify(events)).not.toContain(marker);
    expect(await ledgerOf(datasetId)).toMatchObject({ lastPosition: 3, records: 1 });
  });

  it('says nothing to those whose row filter did not let the record through, nor of one that never was', async () => {
    const { datasetId } = await exchange.dataset();
    const subscriptionId = await subscribe(datasetId);
    await stored(
      [
        put(datasetId, '1', 'hidden', 'south'),
        tombstone(datasetId, '2', 'hidden', { data: { key: 'hidden', area: 'north' } }),
        tombstone(datasetId, '3', 'never', { data: { key: 'never', area: 'north' } }),
      ],
      datasetId,
    );
    expect(await pulled(subscriptionId)).toEqual([]);
    const [entry] = (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');
    expect(entry).toBeUndefined();
  });

  it('shows the key as the agreement does: masked, or not at all', async () => {
    const { datasetId } = await exchange.dataset();
    const masked = await subscribe(datasetId, { masks: [{ field: '/key', kind: 'pseudonym' }] });
    const without = await subscribe(datasetId, { fields: ['/name'] });
    await stored([put(datasetId, '1', 'planted-key'), tombstone(datasetId, '2', 'planted-key')], datasetId);
    const [shared, removed] = await pulled(masked);
    expect(JSON.stringify([shared, removed])).not.toContain('planted-key');
    expect(removed?.data).toEqual({ key: (shared?.data as { key: string }).key });
    expect((await pulled(without)).map(({ data }) => data)).toEqual([{ name: null }, {}]);
  });

  it('ends one life of a key: another may follow, within a batch and across batches', async () => {
    const { datasetId } = await exchange.dataset();
    const subscriptionId = await subscribe(datasetId);
    await stored(
      [
        put(datasetId, '1', 'a'),
        tombstone(datasetId, '2', 'a'),
        put(datasetId, '3', 'a'),
        tombstone(datasetId, '4', 'a'),
      ],
      datasetId,
    );
    expect(await ledgerOf(datasetId)).toMatchObject({ records: 0 });
    for (const [position, sent] of [
      [5, put(datasetId, '5', 'a')],
      [6, tombstone(datasetId, '6', 'a')],
      [7, tombstone(datasetId, '7', 'a')],
      [8, put(datasetId, '8', 'a')],
    ] as const) {
      await exchange.publish(publisher, sent);
      await exchange.ledgerAt(datasetId, position);
    }
    const types = (await pulled(subscriptionId)).map(({ id, type }) => [Number(id), type.split('.')[1]]);
    expect(types).toEqual([
      [1, 'record-shared'],
      [2, 'record-removed'],
      [3, 'record-shared'],
      [4, 'record-removed'],
      [5, 'record-shared'],
      [6, 'record-removed'],
      [8, 'record-shared'],
    ]);
    expect(await ledgerOf(datasetId)).toMatchObject({ events: 8, records: 1 });
    const latest = await exchange.db.query<{ position: string }[]>(
      'SELECT position FROM latest_records WHERE dataset_id = $1',
      [datasetId],
    );
    expect(latest).toEqual([{ position: '8' }]);
  });

  it('needs nothing of the schema but the key', async () => {
    const { datasetId } = await exchange.dataset();
    const sent = (over: object) => exchange.publish(publisher, tombstone(datasetId, '1', 'a', over));
    for (const data of [{}, { key: '' }, { key: null }, { area: 'north' }])
      expect(await sent({ data })).toMatchObject({
        status: 400,
        body: { code: 'schema.violated', faults: [{ pointer: '/data/key', code: 'record-key' }] },
      });
    for (const given of ['yes', 1, ''])
      expect(await sent({ tombstone: given })).toMatchObject({
        status: 400,
        body: { faults: [{ pointer: '/tombstone' }] },
      });
    // Without the word it is an event like others, whose schema asks for an area.
    expect(await sent({ tombstone: false, data: { key: 'a' } })).toMatchObject({ status: 400 });
    expect((await sent({ data: { key: 'a' } })).status).toBe(202);
  });

  it('is the same event in binary mode, where attributes are text', async () => {
    const { datasetId } = await exchange.dataset();
    const data = { key: 'a' };
    expect((await exchange.publish(publisher, tombstone(datasetId, '1', 'a', { data }))).status).toBe(202);
    expect(
      (await exchange.publish(publisher, tombstone(datasetId, '1', 'a', { data, tombstone: 'true' }))).status,
    ).toBe(202);
    expect((await exchange.publish(publisher, put(datasetId, '2', 'b'))).status).toBe(202);
    await exchange.ledgerAt(datasetId, 2);
    expect(await ledgerOf(datasetId)).toMatchObject({ events: 2, conflicts: 0 });
  });
});
