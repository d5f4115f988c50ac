import 'reflect-metadata';
import { AuditEntry, DatasetRecord } from '@govbus/contracts';
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
  TestCatalog,
} from '../test-catalog.shared.spec';

let catalog: TestCatalog;
beforeAll(async () => (catalog = await TestCatalog.start()), 60_000);
afterAll(() => catalog.stop());

const at = '/v1/datasets';
const records = (datasetId: string) => catalog.sent(DatasetRecord, (data) => data.datasetId === datasetId);
const entries = (datasetId: string) => catalog.sent(AuditEntry, (data) => data.datasetId === datasetId);
const refusal = (status: number, code: string, ...pointers: string[]) => ({
  status,
  body: {
    code,
    ...(pointers.length > 0 && { faults: pointers.map((pointer) => expect.objectContaining({ pointer })) }),
  },
});

describe('creating a dataset', () => {
  it('keeps it with its first schema, its record and its audit entry', async () => {
    const { schema, ...order } = aDataset();
    const created = await catalog.call('POST', at, { ...order, schema });
    const dataset = { ...order, legalHold: false, status: 'active', version: 1 };
    expect(created).toMatchObject({ status: 201, headers: { etag: '"1"' } });
    expect(created.body).toEqual(dataset);
    expect((await catalog.call('GET', `${at}/${order.datasetId}`)).body).toEqual(dataset);
    expect((await catalog.call('GET', `${at}/${order.datasetId}/schemas/1`)).body).toEqual({
      datasetId: order.datasetId,
      schemaVersion: 1,
      schema,
    });
    expect(await records(order.datasetId)).toEqual([{ ...dataset, schemas: [{ schemaVersion: 1, schema }] }]);
    expect(await entries(order.datasetId)).toEqual([
      expect.objectContaining({
        action: 'administer',
        operation: 'datasets:create',
        outcome: 'done',
        actor: { id: 'anna', kind: 'officer', department: provider },
      }),
    ]);
  });

  it('refuses an id twice, and changes nothing by it', async () => {
    const datasetId = await catalog.dataset();
    const again = await catalog.call('POST', at, aDataset({ datasetId, legalBasis: 'other' }));
    expect(again).toMatchObject(refusal(409, 'dataset.duplicate'));
    expect((await catalog.call('GET', `${at}/${datasetId}`)).body).toMatchObject({
      legalBasis: 'article 1',
      version: 1,
    });
    expect(await records(datasetId)).toHaveLength(1);
  });

  it('lets one of several that come at once win', async () => {
    const order = aDataset();
    const answers = await Promise.all([1, 2, 3, 4].map(() => catalog.call('POST', at, order)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(await records(order.datasetId)).toHaveLength(1);
  });

  it('answers a repeated idempotency key as before, and refuses it with another body', async () => {
    const order = aDataset();
    const key = { 'idempotency-key': newId() };
    const first = await catalog.call('POST', at, order, anna, key);
    const second = await catalog.call('POST', at, order, anna, key);
    expect(second).toMatchObject({ status: 201, body: first.body, headers: { 'idempotency-replayed': 'true' } });
    expect(await records(order.datasetId)).toHaveLength(1);
    expect(await catalog.call('POST', at, aDataset(), anna, key)).toMatchObject(refusal(422, 'idempotency-key.reused'));
    // A key is the caller's own.
    expect(await catalog.call('POST', at, order, steward, key)).toMatchObject(refusal(409, 'dataset.duplicate'));
  });

  it('refuses pointers to fields that the schema does not have', async () => {
    const order = aDataset({
      keyPointer: '/number',
      dataSubjectPointer: '/owner/none',
      fields: [
        { pointer: '/id', classification: 'public' },
        { pointer: '/owner/name/first', classification: 'personal' },
      ],
      caseMapping: { gridId: 'town', category: '/kind', latitude: '/north', longitude: '/lon' },
    });
    expect(await catalog.call('POST', at, order)).toMatchObject(
      refusal(
        400,
        'dataset.invalid',
        '/keyPointer',
        '/dataSubjectPointer',
        '/fields/1/pointer',
        '/caseMapping/latitude',
      ),
    );
    expect(await records(order.datasetId)).toEqual([]);
  });

  it('reads pointers as RFC 6901 says', async () => {
    const schema = aSchema({ 'a/b': { type: 'string' }, 'm~n': { type: 'string' } });
    const fields = ['/id', '/a~1b', '/m~0n'].map((pointer) => ({ pointer, classification: 'public' }));
    expect((await catalog.call('POST', at, aDataset({ schema, fields }))).status).toBe(201);
    const wrong = [...fields, { pointer: '/a/b', classification: 'public' }];
    expect(await catalog.call('POST', at, aDataset({ schema, fields: wrong }))).toMatchObject(
      refusal(400, 'dataset.invalid', '/fields/3/pointer'),
    );
  });

  it.each([
    ['of another type', { type: 'array' }, 'schema.invalid'],
    ['with an unknown keyword', { type: 'object', properties: {}, propertys: {} }, 'schema.invalid'],
    ['that is no schema', { type: 'object', properties: { id: { type: 'text' } } }, 'schema.invalid'],
    ['of another draft', { $schema: 'http://json-schema.org/draft-07/schema#', ...aSchema() }, 'schema.invalid'],
    ['that refers elsewhere', aSchema({ kind: { $ref: 'https://elsewhere.test/schema' } }), 'schema.invalid'],
    ['that is checked asynchronously', { ...aSchema(), $async: true }, 'schema.invalid'],
    ['that is asynchronous inside', aSchema({ kind: { $async: true, type: 'string' } }), 'schema.invalid'],
    ['that is too large', { ...aSchema(), description: 'x'.repeat(65_536) }, 'schema.too-large'],
  ])('refuses a schema %s', async (_, schema, code) => {
    const order = aDataset({ schema });
    expect(await catalog.call('POST', at, order)).toMatchObject(refusal(400, code));
    expect(await records(order.datasetId)).toEqual([]);
  });

  it.each([
    ['unknown fields', { surplus: 1 }, '/surplus'],
    [
      'an unknown field of a field',
      { fields: [{ pointer: '/id', classification: 'public', surplus: 1 }] },
      '/fields/0/surplus',
    ],
    [
      'an unknown classification',
      { fields: [{ pointer: '/id', classification: 'secret' }] },
      '/fields/0/classification',
    ],
    ['a list where a field is due', { fields: [[]] }, '/fields'],
    ['no fields', { fields: [] }, '/fields'],
    ['a list where the case mapping is due', { caseMapping: [] }, '/caseMapping'],
    ['a pointer that is none', { keyPointer: 'id' }, '/keyPointer'],
    ['a wrong department code', { responsibleDepartment: provider.slice(0, 17) + '*' }, '/responsibleDepartment'],
    ['names that are none', { names: { 'not a tag': 'x' } }, '/names'],
    ['an id that is no slug', { datasetId: 'Animals' }, '/datasetId'],
    ['publishers that are no systems', { publishers: ['One System'] }, '/publishers'],
    ['an unknown sharing attribute', { sharingAttribute: 'shared' }, '/sharingAttribute'],
    ['a retention of no days', { retentionDays: 0 }, '/retentionDays'],
    ['a schema that is a list', { schema: [] }, '/schema'],
  ])('refuses %s', async (_, over, pointer) => {
    expect(await catalog.call('POST', at, aDataset(over))).toMatchObject(refusal(400, 'request.invalid', pointer));
  });

  it.each([
    ['an officer of another department', stranger, 'dataset.not-responsible'],
    ['a system', system, 'role.missing'],
    ['an officer without the role', { ...anna, id: 'otto', roles: ['auditor'] }, 'role.missing'],
  ])('is denied to %s with an explanation and an audit entry', async (_, who, reason) => {
    const { datasetId, ...order } = aDataset();
    const denied = await catalog.call('POST', at, { datasetId, ...order }, who);
    expect(denied).toMatchObject({ status: 403, body: { code: 'decision.denied', explanation: { code: reason } } });
    expect(await records(datasetId)).toEqual([]);
    expect(await entries(datasetId)).toEqual([
      expect.objectContaining({
        action: 'refuse',
        operation: 'POST /v1/datasets',
        outcome: 'denied',
        code: 'decision.denied',
        actor: expect.objectContaining({ id: who.id }),
      }),
    ]);
  });
});

describe('changing a dataset', () => {
  it('keeps what is absent, clears what is null, and gives each change a version', async () => {
    const caseMapping = { gridId: 'town', category: '/kind', latitude: '/lat', longitude: '/lon' };
    const datasetId = await catalog.dataset({ caseMapping });
    const change = (body: object, more = {}) => catalog.call('PATCH', `${at}/${datasetId}`, body, anna, more);
    expect(await change({ legalBasis: 'article 9' }, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { legalBasis: 'article 9', names: { en: 'Animals' }, caseMapping, version: 2 },
      headers: { etag: '"2"' },
    });
    expect(await change({ status: 'retired' }, { 'if-match': '"1"' })).toMatchObject(refusal(412, 'entity.stale'));
    const cleared = await change({ caseMapping: null, status: 'retired' });
    expect(cleared.body).toMatchObject({ status: 'retired', version: 3 });
    expect(cleared.body).not.toHaveProperty('caseMapping');
    expect(
      (await records(datasetId)).map(({ version, status, caseMapping: mapping }) => [version, status, mapping]),
    ).toEqual([
      [1, 'active', caseMapping],
      [2, 'active', caseMapping],
      [3, 'retired', undefined],
    ]);
    expect((await entries(datasetId)).map(({ operation }) => operation)).toEqual([
      'datasets:create',
      'datasets:change',
      'datasets:change',
    ]);
  });

  it.each([
    ['names', null],
    ['retentionDays', 0],
    ['retentionDays', 1.5],
    ['legalHold', true],
    ['publishers', null],
    ['legalBasis', null],
    ['status', null],
    ['status', 'gone'],
    ['caseMapping', []],
    ['keyPointer', '/kind'],
    ['responsibleDepartment', consumer],
  ])('refuses %s: %p', async (name, value) => {
    const datasetId = await catalog.dataset();
    expect(await catalog.call('PATCH', `${at}/${datasetId}`, { [name]: value })).toMatchObject(
      refusal(400, 'request.invalid', `/${name}`),
    );
    expect(await records(datasetId)).toHaveLength(1);
  });

  it('refuses a case mapping that the newest schema does not have, an unknown dataset, and others', async () => {
    const datasetId = await catalog.dataset();
    const caseMapping = { gridId: 'town', category: '/kind', latitude: '/north', longitude: '/lon' };
    expect(await catalog.call('PATCH', `${at}/${datasetId}`, { caseMapping })).toMatchObject(
      refusal(400, 'dataset.invalid', '/caseMapping/latitude'),
    );
    expect(await catalog.call('PATCH', `${at}/${newId()}`, {})).toMatchObject(refusal(404, 'dataset.unknown'));
    expect(await catalog.call('PATCH', `${at}/${datasetId}`, {}, stranger)).toMatchObject(
      refusal(403, 'decision.denied'),
    );
    expect(await records(datasetId)).toHaveLength(1);
  });
});

describe('schema versions', () => {
  const add = (datasetId: string, schema: object, who = anna, more = {}) =>
    catalog.call('POST', `${at}/${datasetId}/schemas`, { schema }, who, more);

  it('are numbered in order and travel with the record, all of them', async () => {
    const datasetId = await catalog.dataset();
    const wider = aSchema({ colour: { type: 'string' } });
    expect(await add(datasetId, wider)).toMatchObject({
      status: 201,
      body: { datasetId, schemaVersion: 2, schema: wider },
    });
    const answers = await Promise.all([1, 2, 3].map(() => add(datasetId, wider)));
    expect(answers.map(({ body }) => body.schemaVersion).sort()).toEqual([3, 4, 5]);
    const last = (await records(datasetId)).at(-1);
    expect(last?.schemas.map(({ schemaVersion }) => schemaVersion)).toEqual([1, 2, 3, 4, 5]);
    expect(last?.schemas[1]?.schema).toEqual(wider);
    expect((await catalog.call('GET', `${at}/${datasetId}`)).body.version).toBe(last?.version);
    expect((await entries(datasetId)).at(-1)).toMatchObject({ operation: 'datasets:add-schema', outcome: 'done' });
  });

  it('must still have the key and every described field', async () => {
    const datasetId = await catalog.dataset();
    const { owner: _, ...others } = aSchema().properties;
    expect(await add(datasetId, { ...aSchema(), properties: others })).toMatchObject(
      refusal(400, 'dataset.invalid', '/dataSubjectPointer', '/fields/2/pointer', '/fields/3/pointer'),
    );
    expect(await records(datasetId)).toHaveLength(1);
  });

  it('must take every record that the one before took', async () => {
    const datasetId = await catalog.dataset();
    expect(await add(datasetId, aSchema({ kind: { type: 'number' } }))).toMatchObject(
      refusal(409, 'schema.incompatible', '/schema/properties/kind/type'),
    );
    expect(await add(datasetId, { ...aSchema(), required: ['id', 'kind'] })).toMatchObject(
      refusal(409, 'schema.incompatible', '/schema/required'),
    );
    expect(await records(datasetId)).toHaveLength(1);
    expect((await catalog.call('GET', `${at}/${datasetId}/schemas/2`)).status).toBe(404);
  });

  it('are added once for an idempotency key', async () => {
    const datasetId = await catalog.dataset();
    const key = { 'idempotency-key': newId() };
    for (const _ of [1, 2])
      expect(await add(datasetId, aSchema({ colour: { type: 'string' } }), anna, key)).toMatchObject({
        status: 201,
        body: { schemaVersion: 2 },
      });
    expect(await records(datasetId)).toHaveLength(2);
  });

  it('are found by number alone', async () => {
    const datasetId = await catalog.dataset();
    const show = (version: string) => catalog.call('GET', `${at}/${datasetId}/schemas/${version}`);
    expect(await show('2')).toMatchObject(refusal(404, 'schema.unknown'));
    for (const version of ['99999999999', '-1', '0'])
      expect(await show(version)).toMatchObject(refusal(404, 'schema.unknown'));
    for (const version of ['latest', '1.5']) expect(await show(version)).toMatchObject(refusal(400, 'request.invalid'));
  });

  it('are bounded in their sum, so that the record stays small enough for the bus', async () => {
    const datasetId = await catalog.dataset();
    const large = { ...aSchema(), description: 'x'.repeat(60_000) };
    let refused = await add(datasetId, large);
    for (let i = 0; i < 20 && refused.status === 201; i++) refused = await add(datasetId, large);
    expect(refused).toMatchObject(refusal(409, 'schema.too-many'));
    const last = (await records(datasetId)).at(-1);
    expect(Buffer.byteLength(JSON.stringify(last))).toBeLessThan(2 * 1024 * 1024);
  });

  it('are denied to others, and unknown without their dataset', async () => {
    const datasetId = await catalog.dataset();
    expect(await add(datasetId, aSchema(), stranger)).toMatchObject(refusal(403, 'decision.denied'));
    expect(await add(newId(), aSchema())).toMatchObject(refusal(404, 'dataset.unknown'));
  });
});

describe('the list', () => {
  it('turns pages without a gap or a double, by department too', async () => {
    const made = [await catalog.dataset(), await catalog.dataset(), await catalog.dataset()];
    const ids = (await catalog.all(`${at}?limit=2`)).map(({ datasetId }) => datasetId);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toEqual(expect.arrayContaining(made));
    const mine = await catalog.all(`${at}?limit=2&responsibleDepartment=${provider}`);
    expect(mine.map(({ datasetId }) => datasetId)).toEqual(ids);
    expect(await catalog.all(`${at}?responsibleDepartment=${consumer}`)).toEqual([]);
  });

  it('is open to whoever may read the catalog', async () => {
    const datasetId = await catalog.dataset();
    const reader = { ...stranger, scopes: ['catalog:read'] };
    expect((await catalog.call('GET', `${at}/${datasetId}`, undefined, reader)).status).toBe(200);
    expect(await catalog.call('GET', `${at}/${newId()}`, undefined, reader)).toMatchObject(
      refusal(404, 'dataset.unknown'),
    );
    expect(await catalog.call('POST', at, aDataset(), reader)).toMatchObject(refusal(403, 'scope.missing'));
  });
});

describe('retention and legal hold', () => {
  it('takes a number of days, changes and clears it, and sends each to the bus', async () => {
    const datasetId = await catalog.dataset({ retentionDays: 30 });
    const change = (retentionDays: number | null) => catalog.call('PATCH', `${at}/${datasetId}`, { retentionDays });
    expect(await change(365)).toMatchObject({ status: 200, body: { retentionDays: 365, legalHold: false } });
    expect((await change(null)).body).not.toHaveProperty('retentionDays');
    expect((await records(datasetId)).map(({ retentionDays }) => retentionDays)).toEqual([30, 365, undefined]);
  });

  it('is held and released by an officer, with the reason in the audit log; saying it again is no change', async () => {
    const datasetId = await catalog.dataset();
    const hold = (legalHold: boolean, reason: string, more = {}) =>
      catalog.call('PUT', `${at}/${datasetId}/legal-hold`, { legalHold, reason }, anna, more);
    expect(await hold(true, 'court order 7')).toMatchObject({ status: 200, body: { legalHold: true, version: 2 } });
    expect(await hold(true, 'again')).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await hold(false, 'closed', { 'if-match': '"1"' })).toMatchObject(refusal(412, 'entity.stale'));
    expect(await hold(false, 'closed', { 'if-match': '"2"' })).toMatchObject({
      body: { legalHold: false, version: 3 },
    });
    expect((await records(datasetId)).map(({ legalHold }) => legalHold)).toEqual([false, true, false]);
    expect((await entries(datasetId)).map(({ operation, reason }) => [operation, reason])).toEqual([
      ['datasets:create', undefined],
      ['datasets:hold', 'court order 7'],
      ['datasets:lift-hold', 'closed'],
    ]);
  });

  it.each([
    ['with an empty reason', { legalHold: true, reason: '' }, '/reason'],
    ['without saying whether', { reason: 'court order 7' }, '/legalHold'],
  ])('is not held %s', async (_, body, pointer) => {
    const datasetId = await catalog.dataset();
    const answer = await catalog.call('PUT', `${at}/${datasetId}/legal-hold`, body);
    expect(answer).toMatchObject(refusal(400, 'request.invalid', pointer));
    expect(await records(datasetId)).toHaveLength(1);
  });

  it('is not held by a system or another department', async () => {
    const datasetId = await catalog.dataset();
    for (const who of [system, stranger]) {
      const body = { legalHold: true, reason: 'court order 7' };
      expect(await catalog.call('PUT', `${at}/${datasetId}/legal-hold`, body, who)).toMatchObject(
        refusal(403, 'decision.denied'),
      );
    }
    expect(await records(datasetId)).toHaveLength(1);
  });
});
