import { Producer } from '@govbus/messaging';
import { agreeOn, eventually, newDataset, publish, subscribe } from './dataset';
import { type Items, RunningCity } from './running-city';

const city = RunningCity.shared();
const envelope = { specversion: '1.0', id: 'x', source: '/x', time: '2026-01-01T00:00:00Z' };
const poison = [
  'not JSON',
  '{}',
  JSON.stringify({ ...envelope, type: 'catalog.agreement.v1', data: { agreementId: 'no uuid' } }),
  JSON.stringify({ ...envelope, type: 'catalog.dataset.v1', data: null }),
  JSON.stringify({ ...envelope, type: 'audit.entry-recorded.v1', data: { entryId: 'no uuid' } }),
  JSON.stringify({ ...envelope, type: 'departments.grid-cell.v1', data: { gridId: 'g' } }),
  JSON.stringify({ ...envelope, dataset: 'nowhere', data: {}, digest: 'none' }),
];

it('parks what cannot be handled on any topic, and goes on behind it (P2)', async () => {
  const producer = new Producer({ brokers: city.brokers, clientId: 'e2e' });
  const topics = ['catalog.registry', 'departments.registry', 'bus.events', 'audit.entries'];
  const partitions = Array.from({ length: 24 }, (_, key) => String(key));
  for (const topic of topics)
    for (const key of partitions)
      await producer.sendAll(poison.map((value) => ({ topic, key, value, headers: { 'content-type': 'x' } })));
  await producer.disconnect();

  const datasetId = await newDataset(city);
  const subscriptionId = await subscribe(city, await agreeOn(city, datasetId), 'pull');
  await publish(city, datasetId, [{ reportId: 'r-1', category: 'noise' }]);
  const url = `${city.url('exchange')}/v1/subscriptions/${subscriptionId}/events`;
  await eventually(async () =>
    expect((await city.call<{ events: object[] }>('water-system', 'GET', url)).body.events).toHaveLength(1),
  );
  await eventually(async () => {
    const { body } = await city.call<Items<{ action: string; operation: string }>>(
      'auditor',
      'GET',
      `${city.url('audit')}/v1/entries?subscriptionId=${subscriptionId}`,
    );
    // Not any disclosure: each look of the auditor's is one.
    expect(body.items).toContainEqual(expect.objectContaining({ action: 'disclose', operation: 'subscriptions:read' }));
  });
  const parked = await city.call<Items<{ topic: string }>>(
    'govbus-admin',
    'GET',
    `${city.url('exchange')}/v1/parked-messages?limit=500`,
  );
  expect(parked.status).toBe(200);
  expect(parked.body.items.map(({ topic }) => topic)).toContain('catalog.registry');
});
