import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { AgreementRecord, AuditEntry, OverScopeDetected, type OverScopeDetectedV1 } from '@govbus/contracts';
import { consumer, envelope, terms, TestCatalog } from '../test-catalog.shared.spec';
import { OverScopeConsumer } from './over-scope.consumer';

let catalog: TestCatalog;
let datasetId: string;
beforeAll(async () => {
  catalog = await TestCatalog.start();
  datasetId = await catalog.dataset();
}, 60_000);
afterAll(() => catalog.stop());

const at = '/v1/agreements';
/** An agreement in force, of version 3. */
async function inForce(over: object): Promise<string> {
  const order = { datasetId, consumerDepartment: consumer, terms: terms(over) };
  const { status, body } = await catalog.call('POST', at, order);
  expect(status).toBe(201);
  const id = String(body.agreementId);
  for (const verb of ['approve', 'activate']) await catalog.call('POST', `${at}/${id}/${verb}`, {});
  return id;
}
const exceeded = (agreementId: string, over: Partial<OverScopeDetectedV1> = {}) =>
  envelope(OverScopeDetected, {
    agreementId,
    agreementVersion: 3,
    datasetId,
    consumerDepartment: consumer,
    principalId: 'reader',
    kind: 'volume',
    limit: 500,
    seenAt: '2026-03-02T01:00:00.000Z',
    ...over,
  });
const hear = (message: object) => catalog.app.get(OverScopeConsumer).apply(message);
const show = async (id: string) => (await catalog.call('GET', `${at}/${id}`)).body;
const records = (id: string) => catalog.sent(AgreementRecord, (data) => data.agreementId === id);
const suspensions = (id: string) =>
  catalog.sent(AuditEntry, (data) => data.agreementId === id && data.operation === 'agreements:suspend');

describe('an agreement that was exceeded', () => {
  it('is suspended by the service, with the reason in the audit log, and an officer resumes it', async () => {
    const id = await inForce({ onOverScope: 'suspend', limits: { recordsPerDay: 500 } });
    await hear(exceeded(id));
    expect(await show(id)).toMatchObject({ status: 'suspended', version: 4 });
    expect((await records(id)).at(-1)).toMatchObject({ status: 'suspended', version: 4 });
    expect(await suspensions(id)).toMatchObject([
      {
        outcome: 'done',
        actor: { id: 'data-catalog', kind: 'service' },
        agreementVersion: 4,
        reason: 'use beyond the agreement (volume, limit 500), seen by the exchange at 2026-03-02T01:00:00.000Z',
      },
    ]);
    const resumed = await catalog.call('POST', `${at}/${id}/resume`, { reason: 'the consumer has explained it' });
    expect(resumed).toMatchObject({ status: 200, body: { status: 'in-force', version: 5 } });
  });

  it('is suspended once, however often and in how many messages it is heard', async () => {
    const id = await inForce({ onOverScope: 'suspend' });
    const message = exceeded(id, { kind: 'area', limit: undefined });
    await Promise.all([hear(message), hear(message), hear(exceeded(id)), hear(exceeded(id, { kind: 'period' }))]);
    await hear(message);
    expect(await show(id)).toMatchObject({ status: 'suspended', version: 4 });
    expect(await suspensions(id)).toHaveLength(1);
  });

  it('stays in force where the terms want an alarm alone', async () => {
    for (const over of [{}, { onOverScope: 'alarm' }]) {
      const id = await inForce(over);
      await hear(exceeded(id));
      expect(await show(id)).toMatchObject({ status: 'in-force', version: 3 });
      expect(await suspensions(id)).toEqual([]);
    }
  });

  it('is left as an officer decided about it since', async () => {
    const id = await inForce({ onOverScope: 'suspend' });
    for (const verb of ['suspend', 'resume']) await catalog.call('POST', `${at}/${id}/${verb}`, {});
    await hear(exceeded(id));
    expect(await show(id)).toMatchObject({ status: 'in-force', version: 5 });
    await hear(exceeded(id, { agreementVersion: 5 }));
    expect(await show(id)).toMatchObject({ status: 'suspended', version: 6 });
    await catalog.call('POST', `${at}/${id}/revoke`, {});
    await hear(exceeded(id, { agreementVersion: 7 }));
    expect(await show(id)).toMatchObject({ status: 'revoked', version: 7 });
  });

  it('is parked when nobody knows it', async () => {
    await expect(hear(exceeded(randomUUID()))).rejects.toMatchObject({ code: 'agreement.unknown' });
  });
});

it('takes terms with limits, a case, areas and what follows, over fields that the dataset has', async () => {
  const over = {
    caseRequired: true,
    limits: { accessesPerMinute: 60, recordsPerDay: 1000 },
    area: { field: '/kind', codes: ['370215000000'] },
    onOverScope: 'suspend',
  };
  const id = await inForce(over);
  expect((await show(id)).terms).toMatchObject(over);
  expect((await records(id)).at(-1)?.terms).toMatchObject(over);
  const create = (more: object) =>
    catalog.call('POST', at, { datasetId, consumerDepartment: consumer, terms: terms(more) });
  const elsewhere = await create({ area: { field: '/nowhere', codes: ['370215000000'] } });
  expect(elsewhere).toMatchObject({ status: 400, body: { code: 'terms.invalid' } });
  expect(elsewhere.body.faults).toMatchObject([{ pointer: '/terms/area/field', code: 'field.unknown' }]);
  for (const bad of [
    { area: { field: '/kind', codes: ['370215'] } },
    { area: { field: '/kind', codes: [] } },
    { limits: { accessesPerMinute: 0 } },
    { limits: { recordsPerDay: 1.5 } },
    { onOverScope: 'forgive' },
    { caseRequired: 'yes' },
  ])
    expect(await create(bad)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
});
