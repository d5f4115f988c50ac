import 'reflect-metadata';
import { type Caller, event, Exchange } from '../exchange.int.spec';
import { Subscription } from '../subscriptions/subscription.entity';
import { SseClient } from './sse-client.int.spec';
import { acknowledgeThrough } from './sse.sql';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

it('acknowledges nothing for a client that came back before its reader went back', async () => {
  const { datasetId } = await exchange.dataset();
  const { agreementId } = await exchange.agreement(datasetId, { terms });
  const order = { agreementId, purpose: 'case-handling', mode: 'sse', startFrom: 'beginning' };
  const subscriptionId = String((await exchange.call('POST', '/v1/subscriptions', reader, order)).body.subscriptionId);
  const stored = () => exchange.db.manager.findOneByOrFail(Subscription, { subscriptionId });
  for (const id of ['1', '2', '3']) await exchange.publish(publisher, event(datasetId, id));
  const client = await SseClient.open(exchange, subscriptionId, reader);
  await client.has(3);
  client.close();

  const before = await stored();
  const seek = { to: 'beginning' };
  expect((await exchange.call('POST', `/v1/subscriptions/${subscriptionId}/seek`, reader, seek)).status).toBe(200);
  await acknowledgeThrough(before, 3, exchange.db.manager);
  const after = await stored();
  expect(after).toMatchObject({ ackedPosition: 0, disclosedPosition: 3 });
  await acknowledgeThrough(after, 3, exchange.db.manager);
  expect(await stored()).toMatchObject({ ackedPosition: 3 });
}, 30_000);

const terms = {
  purposes: ['case-handling'],
  legalBasis: 'Regulation, article 2',
  fields: ['/key'],
  masks: [],
  validFrom: '2020-01-01T00:00:00Z',
  validTo: '2099-01-01T00:00:00Z',
  deliveryModes: ['sse' as const],
};
