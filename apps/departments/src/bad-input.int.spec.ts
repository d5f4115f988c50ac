import 'reflect-metadata';
import { answersTo, badRequests, refusalOf } from '@govbus/testing';
import { names, newId, TestDepartments } from './test-departments.shared.spec';

let departments: TestDepartments;
let departmentCode: string;
beforeAll(async () => {
  departments = await TestDepartments.start();
  departmentCode = await departments.department();
}, 60_000);
afterAll(() => departments.stop());

const surface = {
  token: (more?: object) => Promise.resolve(departments.signed(more)),
  lists: ['/v1/departments', '/v1/systems', '/v1/officers'],
  byUuid: [],
  byKey: ['/v1/departments', '/v1/systems', '/v1/officers'],
};

describe.each([
  ['POST', '/v1/departments'],
  ['POST', '/v1/systems'],
  ['POST', '/v1/officers'],
  ['POST', '/v1/officers/govbus-admin/suspend'],
  ['POST', '/v1/systems/none/credentials'],
  ['POST', '/v1/grids'],
] as const)('%s %s', (method, url) => {
  const requests = badRequests({ ...surface, write: { method, url } });
  const answerTo = answersTo(requests, (request) => departments.app.inject(request));
  it.each(requests)('refuses $name', async (bad) => expect(await answerTo(bad)).toEqual(refusalOf(bad)));
});

describe('a token whose principal is suspended', () => {
  it('is refused though it has not expired', async () => {
    const { id } = await departments.system(departmentCode);
    const token = departments.signed({ sub: id, kind: 'system', scope: 'catalog:read', department: departmentCode });
    const look = () => departments.call('GET', '/v1/departments', undefined, token);
    expect((await look()).status).toBe(200);
    await departments.call('POST', `/v1/systems/${id}/suspend`, { reason: 'test' });
    expect(await look()).toMatchObject({ status: 401, body: { code: 'token.revoked' } });
  });
});

describe('a grid', () => {
  // As text: what is too deep for the service is too deep for `JSON.stringify` as well.
  const bottomless = '['.repeat(200_000) + ']'.repeat(200_000);
  it.each([
    ['a list', '[]', 'grid.invalid'],
    ['bottomless', `{"type": "FeatureCollection", "features": ${bottomless}}`, 'request.invalid'],
    ['with NUL in a name', '{"type": "FeatureCollection", "features": [{"name": "a\\u0000"}]}', 'request.invalid'],
  ])('is refused when it is %s', async (_, payload, code) => {
    const gridId = newId();
    await departments.call('POST', '/v1/grids', { gridId, names });
    const headers = { authorization: `Bearer ${departments.signed()}`, 'content-type': 'application/geo+json' };
    const response = await departments.app.inject({
      method: 'PUT',
      url: `/v1/grids/${gridId}/cells`,
      headers,
      payload,
    });
    expect(response.json()).toMatchObject({ status: 400, code });
  });
});
