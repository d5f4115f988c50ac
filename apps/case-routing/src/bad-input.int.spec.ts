import 'reflect-metadata';
import { answersTo, badRequests, refusalOf } from '@govbus/testing';
import { dispatcher, Service } from './harness/service.spec';

let service: Service;
beforeAll(async () => (service = await Service.start()), 60_000);
afterAll(() => service.stop());

const surface = {
  token: (more?: object) => service.tokenOf(dispatcher, more),
  lists: ['/v1/cases', '/v1/units'],
  byUuid: ['/v1/cases'],
  byKey: ['/v1/units/none'],
};
const aCase = '/v1/cases/00000000-0000-4000-8000-000000000000';

describe.each([
  ['POST', '/v1/units'],
  ['PUT', '/v1/directory'],
  ['POST', `${aCase}/move`],
  ['POST', `${aCase}/dispatch`],
] as const)('%s %s', (method, url) => {
  const requests = badRequests({ ...surface, write: { method, url } });
  const answerTo = answersTo(requests, (request) => service.app.inject(request));
  it.each(requests)('refuses $name', async (bad) => expect(await answerTo(bad)).toEqual(refusalOf(bad)));
});

describe('the filters of cases', () => {
  it.each(['status=open', 'unitId=A', 'cellId=%00', 'datasetId=A', 'located=maybe'])('refuse %s', async (query) => {
    const { status, body } = await service.call('GET', `/v1/cases?${query}`, dispatcher);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'request.invalid' });
  });
});
