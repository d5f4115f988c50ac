import 'reflect-metadata';
import type { HeadedMessage } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';
import { InboxIntake, inboxOf } from '../ingest/inbox-intake';

let exchange: Exchange;
let publisher: Caller;

// Of its own: what was counted before would be counted with it.
beforeAll(async () => {
  exchange = await Exchange.start({ EXCHANGE_ROLES: 'ingest' });
  publisher = await exchange.system(provider, ['events:publish']);
}, 60_000);
afterAll(() => exchange.stop());

const counts = async (): Promise<Record<string, number>> => {
  const { body } = await exchange.app.inject({ url: '/metrics' });
  const series = body.matchAll(/^govbus_events_accepted_total\{form="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...series].map(([, form = '', count]) => [form, Number(count)]));
};

it('counts what Kafka took by the form in which it came, and nothing that was refused', async () => {
  const { datasetId } = await exchange.dataset();
  const bad = { ...event(datasetId, 'bad'), data: { area: 1 } };
  let last = 0;
  const events = (count: number) => Array.from({ length: count }, () => event(datasetId, String((last += 1))));

  for (const single of events(2)) expect((await exchange.publish(publisher, single)).status).toBe(202);
  expect((await exchange.publish(publisher, bad)).status).toBe(400);
  const [binary] = events(1);
  const headers = {
    authorization: `Bearer ${await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] })}`,
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': String(binary?.id),
    'ce-source': String(binary?.source),
    'ce-type': String(binary?.type),
    'ce-dataset': datasetId,
  };
  const payload = JSON.stringify(binary?.data);
  const inBinary = await exchange.app.inject({ method: 'POST', url: '/v1/events', headers, payload });
  expect(inBinary.statusCode).toBe(202);

  expect(await exchange.publishBatch(publisher, [bad, ...events(5)])).toMatchObject({ body: { accepted: 5 } });

  const lines = [bad, ...events(7)].map((one) => JSON.stringify(one)).join('\n');
  const streamed = await exchange.call('POST', '/v1/events', publisher, lines, 'application/x-ndjson');
  expect(streamed.status).toBe(200);

  const messages = events(11).map((one, i): HeadedMessage => ({
    offset: BigInt(i),
    key: null,
    timestamp: 0,
    value: Buffer.from(JSON.stringify(one)),
    headers: [['content-type', Buffer.from('application/cloudevents+json')]],
  }));
  await exchange.app.get(InboxIntake).take(inboxOf(publisher.id), 0, messages);

  await eventually(async () => expect(await counts()).toEqual({ single: 3, batch: 5, stream: 7, inbox: 11 }));
});
