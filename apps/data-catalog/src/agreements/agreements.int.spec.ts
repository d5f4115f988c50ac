import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { AgreementRecord, type AgreementStatus, AuditEntry } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import {
  aDataset,
  anna,
  aSchema,
  consumer,
  newId,
  provider,
  steward,
  stranger,
  system,
  terms,
  TestCatalog,
} from '../test-catalog.shared.spec';
import { type AgreementMove, isStoppedAlready } from './agreement.rules';

let catalog: TestCatalog;
let datasetId: string;
beforeAll(async () => {
  catalog = await TestCatalog.start();
  datasetId = await catalog.dataset();
}, 60_000);
afterAll(() => catalog.stop());

const at = '/v1/agreements';
const order = (over: object = {}) => ({ datasetId, consumerDepartment: consumer, terms: terms(), ...over });
const create = (over: object = {}, who = anna, more = {}) => catalog.call('POST', at, order(over), who, more);
const move = (verb: AgreementMove, id: string, body: object | undefined = {}, who = anna, more = {}) =>
  catalog.call('POST', `${at}/${id}/${verb}`, body, who, more);
const show = (id: string) => catalog.call('GET', `${at}/${id}`);
const records = (id: string) => catalog.sent(AgreementRecord, (data) => data.agreementId === id);
const entries = (id: string) => catalog.sent(AuditEntry, (data) => data.agreementId === id);
const count = async () => (await catalog.sent(AgreementRecord, () => true)).length;
const refusal = (status: number, code: string, ...faults: [pointer: string, code: string][]) => ({
  status,
  body: {
    code,
    ...(faults.length > 0 && {
      faults: faults.map(([pointer, fault]) => expect.objectContaining({ pointer, code: fault })),
    }),
  },
});

const way: Record<AgreementStatus, AgreementMove[]> = {
  draft: [],
  approved: ['approve'],
  'in-force': ['approve', 'activate'],
  suspended: ['approve', 'activate', 'suspend'],
  revoked: ['revoke'],
};
const verbs: AgreementMove[] = ['approve', 'activate', 'suspend', 'resume', 'revoke'];
const legal: Record<AgreementStatus, Partial<Record<AgreementMove, AgreementStatus>>> = {
  draft: { approve: 'approved', revoke: 'revoked' },
  approved: { activate: 'in-force', revoke: 'revoked' },
  'in-force': { suspend: 'suspended', revoke: 'revoked' },
  suspended: { resume: 'in-force', revoke: 'revoked' },
  revoked: {},
};
/** An agreement in this status. */
async function agreement(status: AgreementStatus = 'draft', over: object = {}): Promise<string> {
  const created = await create(over);
  expect(created.status).toBe(201);
  const id = String(created.body.agreementId);
  for (const verb of way[status]) expect((await move(verb, id)).status).toBe(200);
  return id;
}

describe('making an agreement', () => {
  it('keeps a draft with its record and its audit entry', async () => {
    const created = await create();
    const agreementId = String(created.body.agreementId);
    const draft = { ...order(), agreementId, providerDepartment: provider, status: 'draft', version: 1 };
    expect(created).toMatchObject({ status: 201, headers: { etag: '"1"' } });
    expect(created.body).toEqual(draft);
    expect((await show(agreementId)).body).toEqual(draft);
    expect(await records(agreementId)).toEqual([draft]);
    expect(await entries(agreementId)).toEqual([
      expect.objectContaining({
        action: 'administer',
        operation: 'agreements:create',
        outcome: 'done',
        actor: { id: 'anna', kind: 'officer', department: provider },
        datasetId,
        agreementVersion: 1,
      }),
    ]);
  });

  it('answers a repeated idempotency key as before', async () => {
    const key = { 'idempotency-key': newId() };
    const [first, second] = [await create({}, anna, key), await create({}, anna, key)];
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(await records(String(first.body.agreementId))).toHaveLength(1);
  });

  it('forgets the key of a request that was refused', async () => {
    const key = { 'idempotency-key': newId() };
    expect((await create({ datasetId: newId() }, anna, key)).status).toBe(404);
    expect((await create({}, anna, key)).status).toBe(201);
  });

  it('refuses an unknown dataset or department, and a dataset that is not shared', async () => {
    const before = await count();
    expect(await create({ datasetId: newId() })).toMatchObject(refusal(404, 'dataset.unknown'));
    const nobody = aDataset().responsibleDepartment.slice(0, 16);
    expect(await create({ consumerDepartment: nobody })).toMatchObject(refusal(400, 'request.invalid'));
    expect(await create({ consumerDepartment: '1100000000000GBUXK' })).toMatchObject(
      refusal(400, 'department.unknown'),
    );
    const closed = await catalog.dataset({ sharingAttribute: 'not-shared' });
    expect(await create({ datasetId: closed })).toMatchObject(refusal(409, 'dataset.not-shared'));
    expect(await count()).toBe(before);
  });

  const mask = (field: string, kind = 'redact', params?: unknown) => ({
    field,
    kind,
    ...(params !== undefined && { params }),
  });
  it.each<[string, object, [string, string][]]>([
    ['a field that the dataset does not have', { fields: ['/id', '/salary'] }, [['/terms/fields/1', 'field.unknown']]],
    ['a sensitive field without a mask', { fields: ['/owner/id'] }, [['/terms/masks', 'mask.missing']]],
    [
      'a sensitive field below a granted one, without a mask',
      { fields: ['/owner'] },
      [['/terms/masks', 'mask.missing']],
    ],
    [
      'a mask of a field that is not granted',
      { masks: [mask('/owner/name')] },
      [['/terms/masks/0/field', 'mask.useless']],
    ],
    [
      'a mask with wrong numbers',
      { masks: [mask('/kind', 'partial', { keepStart: -1 })] },
      [['/terms/masks/0/params', 'mask.params']],
    ],
    ['a coarseness that is none', { masks: [mask('/kind', 'generalise')] }, [['/terms/masks/0/params', 'mask.params']]],
    [
      'a row filter over a field that the dataset does not have',
      { rowFilter: { equals: { field: '/salary', value: 1 } } },
      [['/terms/rowFilter', 'field.unknown']],
    ],
    ['a row filter of no form', { rowFilter: { sql: 'true' } }, [['/terms/rowFilter/sql/field', 'row-filter.field']]],
    ['a period that ends before it begins', { validTo: '2025-01-01T00:00:00Z' }, [['/terms/validTo', 'period.empty']]],
    ['a time that is no moment', { validFrom: '2026-W10' }, [['/terms/validFrom', 'time.not-a-moment']]],
    ['a time without its offset', { validTo: '2027-01-01T00:00:00' }, [['/terms/validTo', 'time.not-a-moment']]],
  ])('refuses terms with %s', async (_, over, faults) => {
    const before = await count();
    expect(await create({ terms: terms(over) })).toMatchObject(refusal(400, 'terms.invalid', ...faults));
    expect(await count()).toBe(before);
  });

  it('takes a sensitive field once it is masked, and a row filter over known fields', async () => {
    const good = terms({
      fields: ['/id', '/owner'],
      masks: [mask('/owner/id', 'pseudonym'), mask('/owner/name', 'partial', { keepStart: 1 })],
      rowFilter: {
        any: [{ prefix: { field: '/kind', value: 'a' } }, { not: { in: { field: '/kind', values: ['b'] } } }],
      },
    });
    expect(await create({ terms: good })).toMatchObject({ status: 201, body: { terms: good } });
  });

  it.each([
    ['unknown terms', { terms: terms({ surplus: 1 }) }, '/terms/surplus'],
    ['a list where the terms are due', { terms: [] }, '/terms'],
    ['no terms', { terms: null }, '/terms'],
    ['a list where a mask is due', { terms: terms({ masks: [[]] }) }, '/terms/masks'],
    ['a list where a row filter is due', { terms: terms({ rowFilter: [] }) }, '/terms/rowFilter'],
    ['a mask of an unknown kind', { terms: terms({ masks: [mask('/kind', 'blur')] }) }, '/terms/masks/0/kind'],
    ['no purpose', { terms: terms({ purposes: [] }) }, '/terms/purposes'],
    ['no fields', { terms: terms({ fields: [] }) }, '/terms/fields'],
    ['an unknown way of delivery', { terms: terms({ deliveryModes: ['fax'] }) }, '/terms/deliveryModes'],
    ['unknown fields', { status: 'in-force' }, '/status'],
  ])('refuses %s', async (_, over, pointer) => {
    const refused = await create(over);
    expect(refused).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect((refused.body.faults as { pointer: string }[]).map((fault) => fault.pointer)).toContain(pointer);
  });

  it('takes a mask whose params are null as one without', async () => {
    expect((await create({ terms: terms({ masks: [mask('/kind', 'redact', null)] }) })).status).toBe(201);
  });

  it('refuses so many fields that the record of a disclosure would not fit in the log', async () => {
    const names = Array.from({ length: 400 }, (_, i) => `field-${i}-`.padEnd(100, 'x'));
    const wide = await catalog.dataset({
      schema: aSchema(Object.fromEntries(names.map((name) => [name, {}]))),
      fields: [...aDataset().fields, ...names.map((name) => ({ pointer: `/${name}`, classification: 'public' }))],
    });
    const fields = names.map((name) => `/${name}`);
    expect(await create({ datasetId: wide, terms: terms({ fields }) })).toMatchObject(
      refusal(400, 'terms.invalid', ['/terms/fields', 'fields.too-long']),
    );
    expect((await create({ datasetId: wide, terms: terms({ fields: fields.slice(0, 300) }) })).status).toBe(201);
  });
});

describe('moving an agreement', () => {
  it('goes from draft to revoked, each step with its record and its audit entry', async () => {
    const id = await agreement();
    for (const [verb, status, version] of [
      ['approve', 'approved', 2],
      ['activate', 'in-force', 3],
      ['suspend', 'suspended', 4],
      ['resume', 'in-force', 5],
      ['revoke', 'revoked', 6],
    ] as const)
      expect(await move(verb, id, { reason: `${verb} it` })).toMatchObject({
        status: 200,
        body: { agreementId: id, status, version, terms: terms() },
        headers: { etag: `"${version}"` },
      });
    expect((await records(id)).map(({ status, version }) => [version, status])).toEqual([
      [1, 'draft'],
      [2, 'approved'],
      [3, 'in-force'],
      [4, 'suspended'],
      [5, 'in-force'],
      [6, 'revoked'],
    ]);
    expect(
      (await entries(id)).map(({ operation, agreementVersion, reason }) => [operation, agreementVersion, reason]),
    ).toEqual([
      ['agreements:create', 1, undefined],
      ...verbs.slice(0, 4).map((verb, i) => [`agreements:${verb}`, i + 2, `${verb} it`]),
      ['agreements:revoke', 6, 'revoke it'],
    ]);
  });

  it.each(
    (Object.keys(legal) as AgreementStatus[]).flatMap((from) =>
      verbs.map((verb) => [from, verb, legal[from][verb]] as const),
    ),
  )('from %s by %s leads to %s', async (from, verb, to) => {
    const id = await agreement(from);
    const before = await records(id);
    const answer = await move(verb, id);
    if (to) return expect(answer).toMatchObject({ status: 200, body: { status: to } });
    if (isStoppedAlready(verb, from)) {
      expect(answer).toMatchObject({ status: 200, body: { status: from, version: before.length } });
      return expect(await records(id)).toEqual(before);
    }
    expect(answer).toMatchObject(refusal(409, 'agreement.move-impossible'));
    expect((await show(id)).body).toMatchObject({ status: from, version: before.length });
    expect(await records(id)).toEqual(before);
  });

  it('needs no body', async () => {
    const id = await agreement();
    const headers = { authorization: `Bearer ${await catalog.issuer.token(anna)}` };
    const response = await catalog.app.inject({ method: 'POST', url: `${at}/${id}/approve`, headers });
    expect(response.statusCode).toBe(200);
    expect((await entries(id)).at(-1)).not.toHaveProperty('reason');
  });

  it('refuses whoever saw an older version', async () => {
    const id = await agreement('in-force');
    expect(await move('suspend', id, {}, anna, { 'if-match': '"2"' })).toMatchObject(refusal(412, 'entity.stale'));
    expect((await move('suspend', id, {}, anna, { 'if-match': 'W/"3"' })).status).toBe(412);
    expect((await move('suspend', id, {}, anna, { 'if-match': '"1", "3"' })).status).toBe(200);
    expect((await records(id)).map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  });

  it('lets one of several who move at once win', async () => {
    const id = await agreement('suspended');
    const answers = await Promise.all([1, 2, 3, 4].map(() => move('resume', id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect((await records(id)).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    // A stop that several ask for is one stop, and all hear that it stands.
    const stops = await Promise.all([1, 2, 3, 4].map(() => move('suspend', id)));
    expect(stops.map(({ status, body }) => [status, body.version])).toEqual(Array(4).fill([200, 6]));
  });

  it.each([
    ['an officer of the consumer', stranger, 'agreement.not-provider'],
    ['an officer without the role', steward, 'role.missing'],
    ['a system of the provider', system, 'role.missing'],
  ])('is denied to %s with an explanation and an audit entry', async (_, who, reason) => {
    const id = await agreement('in-force');
    for (const answer of [await move('revoke', id, {}, who), await create({}, who)])
      expect(answer).toMatchObject({ status: 403, body: { code: 'decision.denied', explanation: { code: reason } } });
    expect((await show(id)).body).toMatchObject({ status: 'in-force', version: 3 });
    const refused = await catalog.sent(AuditEntry, ({ actor, action }) => actor.id === who.id && action === 'refuse');
    const denied = { outcome: 'denied', code: 'decision.denied', datasetId };
    expect(refused.slice(-2)).toMatchObject([
      { operation: 'POST /v1/agreements/:agreementId/revoke', agreementId: id, ...denied },
      { operation: 'POST /v1/agreements', ...denied },
    ]);
  });

  it('is refused to an officer who was suspended since the token was issued', async () => {
    const eva = { ...anna, id: 'eva' };
    const id = await agreement('in-force');
    await catalog.principal(eva, 'suspended', 1);
    await eventually(async () =>
      expect(await catalog.call('GET', at, undefined, eva)).toMatchObject(refusal(401, 'token.revoked')),
    );
    expect(await move('suspend', id, {}, eva)).toMatchObject(refusal(401, 'token.revoked'));
    await catalog.principal(eva, 'active', 2);
    await eventually(async () => expect((await move('suspend', id, {}, eva)).status).toBe(200));
  });

  it('needs a reason that is text, and an agreement', async () => {
    const id = await agreement('in-force');
    for (const reason of ['', 'x'.repeat(501), 5])
      expect(await move('revoke', id, { reason })).toMatchObject(refusal(400, 'request.invalid'));
    expect(await move('revoke', randomUUID())).toMatchObject(refusal(404, 'agreement.unknown'));
    expect(await show(randomUUID())).toMatchObject(refusal(404, 'agreement.unknown'));
  });
});

describe('the list', () => {
  it('turns pages without a gap or a double, by dataset, consumer and status', async () => {
    const own = await catalog.dataset();
    const made = [];
    for (const status of ['draft', 'in-force', 'draft', 'revoked', 'draft'] as const)
      made.push({ status, id: await agreement(status, { datasetId: own }) });
    const ids = async (query: string) =>
      (await catalog.all(`${at}?limit=2&${query}`)).map(({ agreementId }) => agreementId);
    expect(await ids(`datasetId=${own}`)).toEqual(made.map(({ id }) => id).sort());
    const drafts = made.filter(({ status }) => status === 'draft').map(({ id }) => id);
    expect(await ids(`datasetId=${own}&status=draft`)).toEqual(drafts.sort());
    expect(await ids(`datasetId=${own}&consumerDepartment=${consumer}`)).toHaveLength(5);
    expect(await ids(`datasetId=${own}&consumerDepartment=${provider}`)).toEqual([]);
    const all = await ids('');
    expect(all).toEqual([...new Set(all)].sort());
    const forged = Buffer.from(JSON.stringify(['nobody'])).toString('base64url');
    expect(await catalog.call('GET', `${at}?cursor=${forged}`)).toMatchObject(refusal(400, 'cursor.invalid'));
  });
});
