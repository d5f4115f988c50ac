import 'reflect-metadata';
import { answersTo, badRequests, planted } from '@govbus/testing';
import { anna, TestCatalog } from './test-catalog.shared.spec';

let catalog: TestCatalog;
beforeAll(async () => (catalog = await TestCatalog.start()), 60_000);
afterAll(() => catalog.stop());

const surface = {
  token: (more?: object) => catalog.issuer.token(anna, more),
  lists: ['/v1/datasets', '/v1/agreements'],
  byUuid: ['/v1/agreements'],
  byKey: ['/v1/datasets'],
};

describe.each(['/v1/datasets', '/v1/agreements'])('POST %s', (url) => {
  const requests = badRequests({ ...surface, write: { method: 'POST', url } });
  const answerTo = answersTo(requests, async ({ request }) => catalog.app.inject(await request()));
  it.each(requests)('refuses $name', async (bad) => {
    const { status, code } = bad;
    const response = await answerTo(bad);
    expect({ status: response.statusCode, code: response.json<{ code: string }>().code }).toEqual({ status, code });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.body).not.toContain(planted);
  });
});
