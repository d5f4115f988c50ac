import { randomUUID } from 'node:crypto';
import { agreeOn, eventually, newDataset, publish, subscribe } from './dataset';
import { type Items, RunningCity } from './running-city';

const city = RunningCity.shared();

it('lets a masked value reach no answer, log line, problem or audit entry of the consumer’s way (P4)', async () => {
  const secret = `secret-${randomUUID()}`;
  const datasetId = await newDataset(city);
  const subscriptionId = await subscribe(city, await agreeOn(city, datasetId), 'pull');
  await publish(city, datasetId, [{ reportId: 'r-1', category: 'noise', phone: secret }]);
  const refused = await city.call('reports-system', 'POST', `${city.url('exchange')}/v1/events`, {
    specversion: '1.0',
    id: 'r-2',
    source: '/reports',
    type: 'report.made',
    dataset: datasetId,
    data: { reportId: 'r-2', category: 7, phone: secret, [secret]: secret },
  });
  expect(refused.status).toBe(400);
  const url = `${city.url('exchange')}/v1/subscriptions/${subscriptionId}`;
  const page = await eventually(async () => {
    const { body } = await city.call<{ events: { data: object }[] }>('water-system', 'GET', `${url}/events`);
    expect(body.events).toHaveLength(1);
    return body;
  });
  expect(page.events[0]?.data).toEqual({
    reportId: 'r-1',
    category: 'noise',
    phone: expect.stringMatching(/^[\w-]{22}$/),
  });
  const entries = await eventually(async () => {
    const { body } = await city.call<Items<{ action: string; operation: string }>>(
      'auditor',
      'GET',
      `${city.url('audit')}/v1/entries?datasetId=${datasetId}&limit=100`,
    );
    const actions = body.items.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['publish', 'refuse']));
    // By its operation: each look of the auditor's is a disclosure too.
    expect(body.items.map(({ operation }) => operation)).toContain('subscriptions:read');
    return body.items;
  });
  const everywhere = JSON.stringify([page, refused.body, entries]) + city.logs();
  expect(everywhere).not.toContain(secret);
  // The auditor still finds the access by the person whose number it is, by its keyed hash.
  const search = { subject: secret, datasetId };
  const found = await city.call<Items<{ action: string; operation: string }>>(
    'auditor',
    'POST',
    `${city.url('audit')}/v1/entries/search`,
    search,
  );
  expect(found.body.items).toMatchObject([{ action: 'disclose', operation: 'subscriptions:read' }]);
  expect(JSON.stringify(found.body)).not.toContain(secret);
});
