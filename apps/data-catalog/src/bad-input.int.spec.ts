import 'reflect-metadata';
import { answersTo, badRequests, refusalOf } from '@govbus/testing';
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
  const answerTo = answersTo(requests, (request) => catalog.app.inject(request));
  it.each(requests)('refuses $name', async (bad) => expect(await answerTo(bad)).toEqual(refusalOf(bad)));
});
