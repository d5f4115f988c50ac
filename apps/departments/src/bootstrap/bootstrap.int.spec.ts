import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { scopes } from '@govbus/contracts';
import { secretOf, TestDepartments } from '../test-departments.shared.spec';
import { adminId, BootstrapService } from './bootstrap.service';

let departments: TestDepartments;
beforeAll(async () => (departments = await TestDepartments.start()), 60_000);
afterAll(() => departments.stop());

describe('the bootstrap', () => {
  it('makes the department of the bus and its administrator, with their records', async () => {
    const code = departments.config.BOOTSTRAP_DEPARTMENT_CODE;
    expect(await departments.published(`department:${code}`)).toHaveLength(1);
    expect((await departments.published(`principal:${adminId}`)).map(({ data }) => data)).toEqual([
      expect.objectContaining({
        kind: 'officer',
        departmentCode: code,
        roles: ['admin'],
        status: 'active',
        version: 1,
      }),
    ]);
    expect((await departments.call('GET', `/v1/officers/${adminId}`)).body.scopes).toEqual([...scopes]);
  });

  it('does nothing when it runs again, in however many processes', async () => {
    const count = async () => (await departments.db.query<{ n: string }[]>('SELECT count(*) AS n FROM outbox'))[0]?.n;
    const before = await count();
    const bootstrap = departments.app.get(BootstrapService);
    await Promise.all([bootstrap.run(), bootstrap.run(), bootstrap.run()]);
    expect(await count()).toBe(before);
    expect((await departments.call('GET', `/v1/officers/${adminId}/credentials`)).body.items).toHaveLength(1);
  });

  it('takes over a changed secret and keeps the credentials that people made', async () => {
    const { body } = await departments.call('POST', `/v1/officers/${adminId}/credentials`, { method: 'secret' });
    const fresh = secretOf();
    writeFileSync(departments.config.BOOTSTRAP_ADMIN_SECRET_FILE, fresh);
    await departments.app.get(BootstrapService).run();
    expect((await departments.token({}, [adminId, departments.adminSecret])).status).toBe(401);
    expect((await departments.token({}, [adminId, fresh])).status).toBe(200);
    expect((await departments.token({}, [adminId, String(body.clientSecret)])).status).toBe(200);
  });

  it('refuses a secret that could be guessed', async () => {
    writeFileSync(departments.config.BOOTSTRAP_ADMIN_SECRET_FILE, 'admin');
    await expect(departments.app.get(BootstrapService).run()).rejects.toThrow('at least 32 characters');
  });
});
