import { Outbox } from '@govbus/messaging';
import { Announced, Audit, type Caller, KafkaUse } from '@govbus/platform';
import { DepartmentsService } from '../departments/departments.service';
import { newId, TestDepartments } from '../test-departments.shared.spec';
import { PrincipalsService } from './principals.service';

const admin: Caller = { id: 'admin', kind: 'officer', department: 'none', roles: [], scopes: ['admin'] };
const unannounced = { kind: 'unavailable', code: 'registry.unannounced' };

let registry: TestDepartments;
beforeAll(async () => {
  registry = await TestDepartments.start();
}, 60_000);
afterAll(() => registry.stop());

/** What the services need, with Kafka, as in life, and a relay that cannot reach it. */
const parts = () => {
  const { app, db } = registry;
  return [db, app.get(Outbox), app.get(Audit), new Announced(db, new KafkaUse(true))] as const;
};

it('answers the suspension of a department when Kafka has it, and not before (P5)', async () => {
  const departmentCode = await registry.department();
  const departments = new DepartmentsService(...parts());
  const suspend = () => departments.move('suspend', departmentCode, 'it must end', undefined, admin);
  await expect(suspend()).rejects.toMatchObject(unannounced);
  expect(await departments.show(departmentCode)).toMatchObject({ status: 'suspended', version: 2 });
  await registry.db.query('DELETE FROM outbox WHERE key = $1', [`department:${departmentCode}`]);
  expect(await suspend()).toMatchObject({ status: 'suspended', version: 2 });
});

it('answers the suspension of a system when Kafka has it, and not before (P5)', async () => {
  const principalId = newId();
  const principals = new PrincipalsService(...parts());
  const departmentCode = await registry.department();
  const order = { principalId, kind: 'system' as const, departmentCode, names: { en: 'Water' }, roles: [], scopes: [] };
  await principals.create(order, admin);
  const suspend = () => principals.move('suspend', 'system', principalId, 'it must end', undefined, admin);
  await expect(suspend()).rejects.toMatchObject(unannounced);
  expect(await principals.show('system', principalId)).toMatchObject({ status: 'suspended', version: 2 });
  await registry.db.query('DELETE FROM outbox WHERE key = $1', [`principal:${principalId}`]);
  expect(await suspend()).toMatchObject({ status: 'suspended', version: 2 });
});
