import 'reflect-metadata';
import { creditCodeCheck } from '@govbus/contracts';
import { names, newCode, TestDepartments } from '../test-departments.shared.spec';

let departments: TestDepartments;
beforeAll(async () => (departments = await TestDepartments.start()), 60_000);
afterAll(() => departments.stop());

const at = '/v1/departments';
const reason = 'test';

describe('departments', () => {
  it('creates a department with its record and its audit entry', async () => {
    const departmentCode = newCode();
    const created = await departments.call('POST', at, { departmentCode, names: { en: 'Water', zh: '水务局' } });
    const department = { departmentCode, names: { en: 'Water', zh: '水务局' }, status: 'active', version: 1 };
    expect(created).toMatchObject({ status: 201, body: department, headers: { etag: '"1"' } });
    expect(await departments.call('GET', `${at}/${departmentCode}`)).toMatchObject({ status: 200, body: department });
    expect(await departments.published(`department:${departmentCode}`)).toEqual([
      { key: `department:${departmentCode}`, type: 'departments.department.v1', data: department },
    ]);
    expect(await departments.entries(`department:${departmentCode}`)).toEqual([
      expect.objectContaining({
        action: 'administer',
        operation: 'departments:create',
        outcome: 'done',
        service: 'departments',
        actor: expect.objectContaining({ id: 'govbus-admin', kind: 'officer' }),
      }),
    ]);
  });

  it('refuses a code twice, and changes nothing by it', async () => {
    const departmentCode = await departments.department();
    expect(await departments.call('POST', at, { departmentCode, names: { en: 'Other' } })).toMatchObject({
      status: 409,
      body: { code: 'department.duplicate' },
    });
    expect((await departments.call('GET', `${at}/${departmentCode}`)).body).toMatchObject({ names });
    expect(await departments.published(`department:${departmentCode}`)).toHaveLength(1);
  });

  it('refuses a code with a wrong check character, and names that are none', async () => {
    const good = newCode();
    const wrong = good.slice(0, 17) + (creditCodeCheck(good.slice(0, 17)) === '0' ? '1' : '0');
    const refused = await departments.call('POST', at, { departmentCode: wrong, names: {}, extra: 1 });
    expect(refused).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    const pointers = (refused.body.faults as { pointer: string }[]).map(({ pointer }) => pointer).sort();
    expect(pointers).toEqual(['/departmentCode', '/extra', '/names']);
  });

  it('suspends and resumes, each with the next version', async () => {
    const departmentCode = await departments.department();
    const move = (verb: string, more = {}) =>
      departments.call('POST', `${at}/${departmentCode}/${verb}`, { reason }, undefined, more);
    expect(await move('resume')).toMatchObject({ status: 409, body: { code: 'department.not-resumable' } });
    expect(await move('suspend', { 'if-match': '"7"' })).toMatchObject({ status: 412, body: { code: 'entity.stale' } });
    expect(await move('suspend', { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { status: 'suspended', version: 2 },
      headers: { etag: '"2"' },
    });
    // Asked again, because the first answer may have been lost: nothing changes.
    expect(await move('suspend')).toMatchObject({ status: 200, body: { status: 'suspended', version: 2 } });
    expect(await move('resume')).toMatchObject({ status: 200, body: { status: 'active', version: 3 } });
    const records = await departments.published(`department:${departmentCode}`);
    expect(records.map(({ data }) => [data.status, data.version])).toEqual([
      ['active', 1],
      ['suspended', 2],
      ['active', 3],
    ]);
    const entries = await departments.entries(`department:${departmentCode}`);
    expect(entries.map(({ operation, reason }) => [operation, reason])).toEqual([
      ['departments:create', undefined],
      ['departments:suspend', reason],
      ['departments:resume', reason],
    ]);
  });

  it('does not let the administrator suspend its own department', async () => {
    const own = departments.config.BOOTSTRAP_DEPARTMENT_CODE;
    const refused = await departments.call('POST', `${at}/${own}/suspend`, { reason });
    expect(refused).toMatchObject({ status: 409, body: { code: 'department.own' } });
  });

  it('lists by pages, filtered by status', async () => {
    const codes = [await departments.department(), await departments.department(), await departments.department()];
    await departments.call('POST', `${at}/${codes[0]}/suspend`, { reason });
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { status, body } = await departments.call('GET', `${at}?limit=2&status=active${cursor}`);
      expect(status).toBe(200);
      const items = body.items as { departmentCode: string }[];
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map((item) => item.departmentCode));
      cursor = body.nextCursor ? `&cursor=${encodeURIComponent(String(body.nextCursor))}` : '';
    } while (cursor);
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toEqual(expect.arrayContaining(codes.slice(1)));
    expect(seen).not.toContain(codes[0]);
  });

  it('opens nothing to other tokens, or to none', async () => {
    const departmentCode = await departments.department();
    const { id, secret } = await departments.system(departmentCode, ['catalog:read']);
    const token = await departments.tokenOf(id, secret);
    expect(await departments.call('GET', `${at}/${departmentCode}`, undefined, token)).toMatchObject({ status: 200 });
    expect(await departments.call('POST', at, { departmentCode: newCode(), names }, token)).toMatchObject({
      status: 403,
    });
    expect(await departments.call('GET', at, undefined, null)).toMatchObject({
      status: 401,
      body: { code: 'token.missing' },
    });
    expect(await departments.call('GET', `${at}/${newCode()}`)).toMatchObject({
      status: 404,
      body: { code: 'department.unknown' },
    });
  });
});
