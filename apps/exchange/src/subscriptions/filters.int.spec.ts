import 'reflect-metadata';
import type { DeliveredEvent } from '@govbus/contracts';
import { type Caller, event, Exchange } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

async function subscribe(filters: unknown) {
  const { datasetId } = await exchange.dataset();
  const { agreementId } = await exchange.agreement(datasetId);
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning', filters };
  const { status, body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
  return { datasetId, status, body };
}

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
