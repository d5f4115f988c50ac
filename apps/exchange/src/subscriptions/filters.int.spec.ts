import 'reflect-metadata';
import { setImmediate as afterOthers } from 'node:timers/promises';
import type { DeliveredEvent, TermsV1 } from '@govbus/contracts';
import { type Caller, event, Exchange } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

async function subscribe(filters: unknown, over: Partial<TermsV1> = {}) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId);
  const { agreementId } = agreement;
  if (Object.keys(over).length > 0)
    await exchange.change({ ...agreement, terms: { ...agreement.terms, ...over }, version: 2 });
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning', filters };
  const { status, body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
  return { datasetId, agreement, status, body };
}
const pull = (id: unknown, query = '') =>
  exchange.call('GET', `/v1/subscriptions/${String(id)}/events${query}`, reader);

describe('the filters of a subscription', () => {
  it('narrow what the lens lets through, and record what is shown alone', async () => {
    const filters = [{ any: [{ exact: { key: 'key-1' } }, { suffix: { key: '-3' } }] }];
    const { datasetId, status, body } = await subscribe(filters);
    expect([status, body.filters]).toEqual([201, filters]);
    for (const [id, area] of [
      ['1', 'north'],
      ['2', 'north'],
      ['3', 'south'],
    ] as const)
      await exchange.publish(publisher, event(datasetId, id, { area }));
    await exchange.ledgerAt(datasetId, 3);
    const page = await exchange.call('GET', `/v1/subscriptions/${String(body.subscriptionId)}/events`, reader);
    expect((page.body.events as DeliveredEvent[]).map(({ id }) => id)).toEqual(['1']);
    const entries = (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');
    expect(entries).toMatchObject([{ records: 1, positions: { first: 1, last: 1 } }]);
  });

  it('see nothing that is not granted or is masked', async () => {
    for (const filter of [
      { prefix: { phone: 'planted' } },
      { prefix: { area: 'n' } },
      { prefix: { name: 'planted' } },
      { sql: "phone LIKE '%'" },
      { sql: "name LIKE 'planted%'" },
    ]) {
      const { datasetId, body } = await subscribe([filter]);
      await exchange.publish(publisher, event(datasetId, '1'));
      await exchange.ledgerAt(datasetId, 1);
      const page = await exchange.call('GET', `/v1/subscriptions/${String(body.subscriptionId)}/events`, reader);
      expect(page.body).toMatchObject({ events: [], hasMore: false });
    }
  });

  it('are refused when they are made, with the place', async () => {
    const { status, body } = await subscribe([{ exact: { key: 'a' } }, { sql: 'NOW() = 1' }]);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'filter.invalid', faults: [{ pointer: '/filters/1/sql' }] });
  });
});

describe('the removal of a record', () => {
  const published = [
    { key: 'a', category: 'broken-pipe' },
    { key: 'b', category: 'noise' },
    { key: 'c', category: 'broken-pipe', area: 'south' },
  ];
  const [shared, removed] = ['exchange.record-shared.v1', 'exchange.record-removed.v1'];
  const isRemoved = { exact: { type: removed } };
  const ofPipes = { exact: { category: 'broken-pipe' } };

  it.each([
    ['that its filters let through', [ofPipes], ['1', '4']],
    ['that its filters let through in another form', [{ sql: "category LIKE 'broken%' AND sequence < 4" }], ['1', '4']],
    ['that it wanted by its type', [{ exact: { type: shared } }], ['1', '2', '4', '5']],
    ['when it wants removals alone', [isRemoved], ['4', '5']],
    ['when it wants removals of some records', [isRemoved, ofPipes], ['4']],
    ['unless its filters kept the record from it', [{ not: ofPipes }], ['2', '5']],
    ['never by what is not granted', [{ prefix: { area: 'n' } }], []],
    ['never by what is masked', [{ sql: "name LIKE '%planted%'" }], []],
  ])('comes to a consumer %s', async (_, filters, ids) => {
    const { datasetId, body } = await subscribe(filters, { fields: ['/key', '/name', '/category'] });
    for (const [i, data] of published.entries())
      await exchange.publish(publisher, event(datasetId, String(i + 1), data));
    for (const [i, { key }] of published.entries())
      await exchange.publish(publisher, { ...event(datasetId, String(i + 4)), tombstone: true, data: { key } });
    await exchange.ledgerAt(datasetId, 6);
    const page = await pull(body.subscriptionId);
    const events = page.body.events as DeliveredEvent[];
    expect(events.map(({ id }) => id)).toEqual(ids);
    for (const { id, type, data } of events)
      if (Number(id) > 3) expect([type, data]).toEqual([removed, { key: published[Number(id) - 4]?.key }]);
  });
});

describe('filters that take long', () => {
  const expression = `('${'a'.repeat(1_700)}' LIKE '%${'a_'.repeat(98)}b%') = FALSE`;
  const events = 300;

  /** As they may have been made before there was a bound on all of them together. */
  async function slow() {
    const { datasetId, agreement, body } = await subscribe([]);
    const id = String(body.subscriptionId);
    await exchange.db.query('UPDATE subscriptions SET filters = $2 WHERE subscription_id = $1', [
      id,
      JSON.stringify(Array.from({ length: 100 }, () => ({ sql: expression }))),
    ]);
    const all = Array.from({ length: events }, (_, i) => event(datasetId, String(i + 1)));
    await exchange.publishBatch(publisher, all);
    await exchange.ledgerAt(datasetId, events);
    return { id, agreement };
  }
  const tookMs = async (work: () => Promise<unknown>): Promise<number> => {
    const beganAt = performance.now();
    await work();
    return performance.now() - beganAt;
  };

  it('end their page early, let others be served meanwhile, and leave nothing out', async () => {
    const { id } = await slow();
    const ids: string[] = [];
    let [pages, isOver] = [0, false];
    const read = async (): Promise<void> => {
      for (let query = '?limit=1000'; query !== '';) {
        const { body } = await pull(id, query);
        ids.push(...(body.events as DeliveredEvent[]).map((delivered) => delivered.id));
        pages += 1;
        query = body.hasMore ? `?limit=1000&cursor=${String(body.nextCursor)}` : '';
      }
    };
    const reading = read().finally(() => (isOver = true));
    const waits: number[] = [];
    const isLive = async (): Promise<void> => {
      await afterOthers();
      expect((await exchange.call('GET', '/health/live')).status).toBe(200);
    };
    while (!isOver) waits.push(await tookMs(isLive));
    await reading;
    expect(ids).toEqual(Array.from({ length: events }, (_, i) => String(i + 1)));
    expect(pages).toBeGreaterThan(1);
    expect(waits.length).toBeGreaterThan(10);
    expect(Math.max(...waits)).toBeLessThan(5_000);
  });

  it('do not hold up the revocation of their agreement', async () => {
    const { id, agreement } = await slow();
    const readers = Array.from({ length: 4 }, () => pull(id, '?limit=1000'));
    const revoked = { ...agreement, status: 'revoked' as const, version: 2 };
    expect(await tookMs(() => exchange.change(revoked))).toBeLessThan(5_000);
    await Promise.all(readers);
    expect(await pull(id)).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
  });
});
