import 'reflect-metadata';
import type { Caller } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { holdSuspensions } from '../departments/suspensions';
import { names, newCode, newId, TestDepartments } from '../test-departments.shared.spec';

let departments: TestDepartments;
let departmentCode: string;
beforeAll(async () => {
  departments = await TestDepartments.start();
  departmentCode = await departments.department();
}, 60_000);
afterAll(() => departments.stop());

const reason = 'test';
const codeOf = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body.code];

describe('systems and officers', () => {
  it('creates a system with its record and its audit entry', async () => {
    const systemId = newId();
    const scopes = ['events:publish', 'events:read'];
    const created = await departments.call('POST', '/v1/systems', { systemId, departmentCode, names, scopes });
    const system = { systemId, departmentCode, names, scopes, status: 'active', version: 1 };
    expect(created).toMatchObject({ status: 201, body: system, headers: { etag: '"1"' } });
    expect(await departments.published(`principal:${systemId}`)).toEqual([
      {
        key: `principal:${systemId}`,
        type: 'departments.principal.v1',
        data: { principalId: systemId, kind: 'system', departmentCode, names, roles: [], status: 'active', version: 1 },
      },
    ]);
    expect(await departments.entries(`system:${systemId}`)).toEqual([
      expect.objectContaining({ operation: 'systems:create', outcome: 'done' }),
    ]);
    expect((await departments.call('GET', `/v1/systems/${systemId}`)).body).toEqual(system);
  });

  it('creates an officer with its roles, found only among the officers', async () => {
    const officerId = newId();
    const roles = ['sharing-officer', 'auditor'];
    const order = { officerId, departmentCode, names, roles, scopes: ['agreements:decide'] };
    expect(await departments.call('POST', '/v1/officers', order)).toMatchObject({ status: 201, body: order });
    expect((await departments.published(`principal:${officerId}`))[0]?.data).toMatchObject({ kind: 'officer', roles });
    expect((await departments.call('GET', `/v1/officers/${officerId}`)).status).toBe(200);
    expect(codeOf(await departments.call('GET', `/v1/systems/${officerId}`))).toEqual([404, 'system.unknown']);
    const secret = await departments.call('POST', `/v1/systems/${officerId}/credentials`, { method: 'secret' });
    expect(codeOf(secret)).toEqual([404, 'system.unknown']);
    const list = await departments.call('GET', `/v1/officers?departmentCode=${departmentCode}`);
    expect(list.body.items).toEqual([expect.objectContaining({ officerId, roles })]);
  });

  it('refuses scopes and roles that there are none of, and the role of the administrator', async () => {
    const system = { systemId: newId(), departmentCode, names, scopes: ['events:publish', 'events:delete'] };
    expect(await departments.call('POST', '/v1/systems', system)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', faults: [expect.objectContaining({ pointer: '/scopes' })] },
    });
    const officer = { officerId: newId(), departmentCode, names, roles: ['admin'], scopes: [] };
    expect(await departments.call('POST', '/v1/officers', officer)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', faults: [expect.objectContaining({ pointer: '/roles' })] },
    });
  });

  it('refuses an id twice, even across kinds, and a department that is unknown or suspended', async () => {
    const id = newId();
    const system = { systemId: id, departmentCode, names, scopes: [] };
    expect((await departments.call('POST', '/v1/systems', system)).status).toBe(201);
    expect(codeOf(await departments.call('POST', '/v1/systems', system))).toEqual([409, 'system.duplicate']);
    const officer = { officerId: id, departmentCode, names, roles: [], scopes: [] };
    expect(codeOf(await departments.call('POST', '/v1/officers', officer))).toEqual([409, 'officer.duplicate']);
    expect(await departments.published(`principal:${id}`)).toHaveLength(1);

    const inNone = { ...system, systemId: newId(), departmentCode: newCode() };
    expect(codeOf(await departments.call('POST', '/v1/systems', inNone))).toEqual([400, 'department.unknown']);
    const suspended = await departments.department();
    await departments.call('POST', `/v1/departments/${suspended}/suspend`, { reason });
    const inSuspended = { ...system, systemId: newId(), departmentCode: suspended };
    expect(codeOf(await departments.call('POST', '/v1/systems', inSuspended))).toEqual([409, 'department.suspended']);
  });

  it('suspends and resumes with records; a token in hand is refused meanwhile', async () => {
    const { id, secret } = await departments.system(departmentCode);
    const token = await departments.tokenOf(id, secret);
    const look = () => departments.call('GET', `/v1/departments/${departmentCode}`, undefined, token);
    expect((await look()).status).toBe(200);
    expect(await departments.call('POST', `/v1/systems/${id}/suspend`, { reason })).toMatchObject({
      status: 200,
      body: { status: 'suspended', version: 2 },
    });
    expect(codeOf(await look())).toEqual([401, 'token.revoked']);
    expect((await departments.call('POST', `/v1/systems/${id}/resume`, { reason })).status).toBe(200);
    expect((await look()).status).toBe(200);
    await departments.call('POST', `/v1/departments/${departmentCode}/suspend`, { reason });
    expect(codeOf(await look())).toEqual([401, 'token.revoked']);
    await departments.call('POST', `/v1/departments/${departmentCode}/resume`, { reason });
    expect((await look()).status).toBe(200);
    const records = await departments.published(`principal:${id}`);
    expect(records.map(({ data }) => [data.status, data.version])).toEqual([
      ['active', 1],
      ['suspended', 2],
      ['active', 3],
    ]);
  });

  it('does not let the administrator suspend itself', async () => {
    const refused = await departments.call('POST', '/v1/officers/govbus-admin/suspend', { reason });
    expect(codeOf(refused)).toEqual([409, 'officer.own']);
  });

  it('leaves one of two administrators who suspend each other at the same moment', async () => {
    const pair = [newId(), newId()] as const;
    for (const officerId of pair) {
      const order = { officerId, departmentCode, names, roles: ['auditor'], scopes: [] };
      expect(await departments.call('POST', '/v1/officers', order)).toMatchObject({ status: 201 });
    }
    const suspend = (by: string, id: string) =>
      departments.call('POST', `/v1/officers/${id}/suspend`, { reason }, departments.signed({ sub: by }));
    const asked = await departments.db.transaction(async (tx) => {
      // Both are let in, and wait here.
      await holdSuspensions('suspend', { id: 'nobody' } as Caller, tx);
      const both = [suspend(pair[0], pair[1]), suspend(pair[1], pair[0])];
      await eventually(async () => {
        const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
        expect(await departments.db.query(waiting)).toHaveLength(2);
      });
      return both;
    });
    const answers = (await Promise.all(asked)).map((answer) => [answer.status, answer.body.code]);
    expect(answers).toContainEqual([200, undefined]);
    expect(answers).toContainEqual([409, 'caller.suspended']);
  });

  it.each(['itself', 'its department'])(
    'does not let an administrator who is suspended meanwhile resume %s',
    async (what) => {
      const department = await departments.department();
      const officerId = newId();
      const order = { officerId, departmentCode: department, names, roles: ['auditor'], scopes: [] };
      expect(await departments.call('POST', '/v1/officers', order)).toMatchObject({ status: 201 });
      const url = what === 'itself' ? `/v1/officers/${officerId}` : `/v1/departments/${department}`;
      const own = departments.signed({ sub: officerId });
      const waitFor = (count: number) =>
        eventually(async () => {
          const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
          expect(await departments.db.query(waiting)).toHaveLength(count);
        });
      const asked = await departments.db.transaction(async (tx) => {
        // Both are let in, and wait here: the suspension is the first to go on.
        await tx.query('SELECT 1 FROM principals WHERE principal_id = $1 FOR UPDATE', [officerId]);
        await tx.query('SELECT 1 FROM departments WHERE department_code = $1 FOR UPDATE', [department]);
        const suspended = departments.call('POST', `${url}/suspend`, { reason });
        await waitFor(1);
        const resumed = departments.call('POST', `${url}/resume`, { reason }, own);
        await waitFor(2);
        return [suspended, resumed];
      });
      const [suspended, resumed] = (await Promise.all(asked)).map((answer) => [answer.status, answer.body.code]);
      expect(suspended).toEqual([200, undefined]);
      expect(resumed).toEqual([409, 'caller.suspended']);
      expect((await departments.call('GET', url)).body.status).toBe('suspended');
    },
  );

  it('refuses the id by which the first secret is known', async () => {
    const order = { officerId: 'bootstrap', departmentCode, names, roles: [], scopes: [] };
    expect(codeOf(await departments.call('POST', '/v1/officers', order))).toEqual([409, 'officer.duplicate']);
  });
});
