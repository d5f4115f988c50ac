import { randomUUID } from 'node:crypto';
import type { Answer, RunningCity } from './running-city';

/** Asks again until the answer is good: services learn of each other's changes a moment later. */
export async function must<T>(ask: () => Promise<Answer<T>>, deadlineMs = 15_000): Promise<Answer<T>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer.status < 300) return answer;
    if (performance.now() > deadline) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Asks until `check` no longer throws, and then gives what it gave. */
export async function eventually<T>(check: () => Promise<T>, deadlineMs = 20_000): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

/** A dataset of City Management; its system is `reports-system`, its officer `sharing-officer`. */
export async function newDataset(city: RunningCity): Promise<string> {
  const datasetId = `reports-${randomUUID().slice(0, 8)}`;
  const text = { type: 'string' };
  const { body: seeded } = await city.call<{ responsibleDepartment: string }>(
    'sharing-officer',
    'GET',
    `${city.url('data-catalog')}/v1/datasets/street-reports`,
  );
  await must(() =>
    city.call('sharing-officer', 'POST', `${city.url('data-catalog')}/v1/datasets`, {
      datasetId,
      names: { en: 'Reports' },
      responsibleDepartment: seeded.responsibleDepartment,
      publishers: [],
      sharingAttribute: 'conditional',
      legalBasis: 'Regulation on city management, article 12',
      keyPointer: '/reportId',
      dataSubjectPointer: '/phone',
      fields: ['/reportId', '/category', '/phone'].map((pointer) => ({ pointer, classification: 'internal' })),
      schema: {
        type: 'object',
        required: ['reportId', 'category'],
        properties: { reportId: text, category: { type: 'string', maxLength: 100 }, phone: text },
        additionalProperties: false,
      },
    }),
  );
  return datasetId;
}

/** An agreement in force for the Water Authority: category and masked phone; `more` are further terms. */
export async function agreeOn(
  city: RunningCity,
  datasetId: string,
  deliveryModes = ['pull', 'webhook'],
  more: object = {},
): Promise<string> {
  const url = `${city.url('data-catalog')}/v1/agreements`;
  const system = await city.call<{ departmentCode: string }>(
    'govbus-admin',
    'GET',
    `${city.url('departments')}/v1/systems/water-system`,
  );
  const terms = {
    purposes: ['pipe-maintenance'],
    legalBasis: 'Regulation on the sharing of government data, article 5',
    fields: ['/reportId', '/category', '/phone'],
    masks: [{ field: '/phone', kind: 'pseudonym' }],
    validFrom: '2026-01-01T00:00:00Z',
    validTo: '2036-01-01T00:00:00Z',
    deliveryModes,
    ...more,
  };
  const order = { datasetId, consumerDepartment: system.body.departmentCode, terms };
  const { body } = await must(() => city.call<{ agreementId: string }>('sharing-officer', 'POST', url, order));
  for (const move of ['approve', 'activate'])
    await must(() => city.call('sharing-officer', 'POST', `${url}/${body.agreementId}/${move}`, {}));
  return body.agreementId;
}

export async function subscribe(
  city: RunningCity,
  agreementId: string,
  mode: 'pull' | 'webhook' | 'sse' | 'kafka',
  more: object = {},
): Promise<string> {
  const order = { agreementId, purpose: 'pipe-maintenance', mode, startFrom: 'beginning', ...more };
  const url = `${city.url('exchange')}/v1/subscriptions`;
  return (await must(() => city.call<{ subscriptionId: string }>('water-system', 'POST', url, order))).body
    .subscriptionId;
}

export const eventOf = (datasetId: string, data: Record<string, unknown>): Record<string, unknown> => ({
  specversion: '1.0',
  id: String(data['reportId']),
  source: `/${datasetId}`,
  type: 'report.made',
  dataset: datasetId,
  data,
});

export function publish(city: RunningCity, datasetId: string, records: Record<string, unknown>[]): Promise<Answer> {
  const events = records.map((data) => eventOf(datasetId, data));
  const type = 'application/cloudevents-batch+json';
  return must(async () => {
    const answer = await city.call('reports-system', 'POST', `${city.url('exchange')}/v1/events`, events, type);
    // 207: some were refused, such as those of a dataset that the exchange has not heard of yet.
    return answer.status === 207 ? { ...answer, status: 425 } : answer;
  });
}
