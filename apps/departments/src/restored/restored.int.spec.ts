import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contract, DepartmentRecord, GridCellRecord, PrincipalRecord } from '@govbus/contracts';
import { applyTopics, Producer, readTopics } from '@govbus/messaging';
import { createApp, RestoredRegistry, type Restored } from '@govbus/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppConfig } from '../app.config';
import { adminId, BootstrapService } from '../bootstrap/bootstrap.service';
import { names, newCode, newId, TestDepartments } from '../test-departments.shared.spec';
import { registryNouns } from './registry-nouns';
import { RestoredModule } from './restored.module';

jest.setTimeout(120_000);

const topic = 'departments.registry';
const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',');
const reason = 'spec';

let departments: TestDepartments;
let app: NestFastifyApplication;
let config: AppConfig;

/** What the topic holds of later decisions than those of the database. */
async function onTopic<T extends object>(contract: Contract<T>, data: NoInfer<T>): Promise<string> {
  const producer = new Producer({ brokers, clientId: 'spec' });
  const envelope = { specversion: '1.0', id: newId(), source: '/spec', time: '2026-03-02T01:00:00.000Z' };
  const value = JSON.stringify({ ...envelope, type: contract.type, datacontenttype: 'application/json', data });
  const key = contract.key(data);
  await producer.sendAll([{ topic, key, value }]);
  await producer.disconnect();
  return key;
}
const department = (departmentCode: string, over: object = {}) =>
  onTopic(DepartmentRecord, { departmentCode, names, status: 'active', version: 5, ...over });
const principal = (principalId: string, departmentCode: string, over: object = {}) =>
  onTopic(PrincipalRecord, {
    ...{ principalId, kind: 'system', departmentCode, names, roles: [], status: 'active', version: 5, ...over },
  });
const geometry = {
  type: 'Polygon' as const,
  coordinates: [
    [
      [120, 36],
      [120.1, 36],
      [120.1, 36.1],
      [120, 36],
    ],
  ],
};
const cell = (gridId: string, cellId: string, over: object = {}) =>
  onTopic(GridCellRecord, { gridId, cellId, names, geometry, status: 'active', version: 5, ...over });
const run = (): Promise<Restored> => app.get(RestoredRegistry).run(topic, registryNouns(config));
const lastOf = async (key: string) => (await departments.published(key)).at(-1)?.data;
const show = async (url: string) => (await departments.call('GET', url)).body;

beforeAll(async () => {
  const topics = readTopics(readFileSync(join(__dirname, '../../../../deploy/topics.yaml'), 'utf8'));
  await applyTopics({ brokers, topics, profile: 'single-node' });
  departments = await TestDepartments.start();
  config = Object.assign(new AppConfig(), departments.config, { KAFKA_BROKERS: brokers.join(',') });
  app = await createApp(RestoredModule, config, { kafka: false });
}, 120_000);
afterAll(async () => {
  await app.close();
  await departments.stop();
});

describe('the registry restored from a backup', () => {
  it('is heard again: a suspension has a version above all that the topic holds (P5)', async () => {
    const code = await departments.department();
    const { id } = await departments.system(code);
    const keys = [await department(code), await principal(id, code)];
    await run();
    for (const [url, key] of [
      [`/v1/systems/${id}`, keys[1]],
      [`/v1/departments/${code}`, keys[0]],
    ]) {
      expect(await show(String(url))).toMatchObject({ status: 'active', version: 6 });
      expect(await departments.call('POST', `${url}/suspend`, { reason })).toMatchObject({ status: 200 });
      expect(await lastOf(String(key))).toMatchObject({ status: 'suspended', version: 7 });
    }
  });

  it('lets nobody in who was suspended after the backup, and keeps what is suspended in it (P5)', async () => {
    const code = await departments.department();
    const { id, secret } = await departments.system(code);
    await principal(id, code, { status: 'suspended', names: { en: 'Renamed' } });
    await departments.call('POST', `/v1/departments/${code}/suspend`, { reason });
    await department(code);
    const { changes } = await run();
    expect(changes).toContainEqual({ key: `principal:${id}`, status: 'suspended', from: 'known' });
    expect(await show(`/v1/systems/${id}`)).toMatchObject({
      status: 'suspended',
      names: { en: 'Renamed' },
      version: 6,
    });
    expect(await show(`/v1/departments/${code}`)).toMatchObject({ status: 'suspended', version: 6 });
    expect((await departments.token({}, [id, secret])).status).toBe(401);
  });

  it('suspends what is not in the backup; who is registered again stays so until it is resumed', async () => {
    const [code, id] = [newCode(), newId()];
    const keys = [await department(code), await principal(id, code)];
    expect((await run()).changes).toEqual(
      expect.arrayContaining(keys.map((key) => ({ key, status: 'suspended', from: 'unknown' }))),
    );
    expect(await lastOf(String(keys[1]))).toMatchObject({ status: 'suspended', version: 6 });
    expect(await show(`/v1/departments/${code}`)).toMatchObject({ status: 'suspended', version: 6 });
    // The service has started, so that this is on the topic.
    await principal(id, code, { status: 'suspended', version: 6 });
    await departments.call('POST', `/v1/departments/${code}/resume`, { reason });
    const order = { systemId: id, departmentCode: code, names, scopes: ['events:read'] };
    expect(await departments.call('POST', '/v1/systems', order)).toMatchObject({ status: 201, body: { version: 1 } });
    await run();
    expect(await show(`/v1/systems/${id}`)).toMatchObject({ scopes: ['events:read'], version: 7 });
    await departments.call('POST', `/v1/systems/${id}/resume`, { reason });
    expect(await lastOf(String(keys[1]))).toMatchObject({ status: 'active', version: 8 });
  });

  it('has the cells of the grids as they were, also of a grid that the backup does not have', async () => {
    const gridId = newId();
    await cell(gridId, 'north');
    await cell(gridId, 'south', { status: 'retired' });
    await run();
    expect((await show(`/v1/grids/${gridId}/cells`)).items).toMatchObject([
      { cellId: 'north', status: 'active', version: 6 },
      { cellId: 'south', status: 'retired', version: 6 },
    ]);
    await cell(gridId, 'north', { status: 'retired', version: 8 });
    await run();
    expect(await lastOf(`grid-cell:${gridId}/north`)).toMatchObject({ status: 'retired', version: 9 });
  });

  it('changes nothing when it runs again before the service has started', async () => {
    const code = await departments.department();
    const key = await department(code, { names: { en: 'Renamed' } });
    // Everybody parked it, and it counts for nobody.
    await principal(newId(), code, { kind: 'ghost' });
    expect((await run()).changes.map((change) => change.key)).toContain(key);
    expect((await run()).changes.map((change) => change.key)).not.toContain(key);
    expect(await show(`/v1/departments/${code}`)).toMatchObject({ names: { en: 'Renamed' }, version: 6 });
    expect(await lastOf(key)).toMatchObject({ names: { en: 'Renamed' }, version: 6 });
  });
});

it('does not lock out the administrator when nothing is left of the database', async () => {
  const { BOOTSTRAP_DEPARTMENT_CODE: code } = config;
  await department(code);
  await principal(adminId, code, { kind: 'officer', roles: ['admin'] });
  await departments.db.query('TRUNCATE departments, principals, credentials');
  await run();
  await departments.app.get(BootstrapService).run();
  expect(await lastOf(`department:${code}`)).toMatchObject({ status: 'active', version: 6 });
  expect(await lastOf(`principal:${adminId}`)).toMatchObject({ status: 'active', version: 7 });
  await departments.tokenOf(adminId, departments.adminSecret);
});
