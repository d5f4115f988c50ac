import 'reflect-metadata';
import type { AgreementRecordV1, DeliveredEvent, TermsV1 } from '@govbus/contracts';
import { closeAgreement } from '../agreements/agreement-lock';
import { readLatestSql } from '../delivery/disclosure.sql';
import { type Caller, consumer, event, Exchange, marker, stranger } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

const terms = (over: Partial<TermsV1> = {}): TermsV1 => ({
  purposes: ['case-handling'],
  legalBasis: 'Regulation, article 2',
  fields: ['/key', '/name', '/colour'],
  masks: [{ field: '/name', kind: 'redact' }],
  rowFilter: { equals: { field: '/area', value: 'north' } },
  validFrom: '2020-01-01T00:00:00Z',
  validTo: '2099-01-01T00:00:00Z',
  deliveryModes: ['query'],
  ...over,
});

async function filled(events: [id: string, data: object][], over: Partial<TermsV1> = {}, keyPointer = '/key') {
  const { datasetId } = await exchange.dataset({ keyPointer });
  const agreement = await exchange.agreement(datasetId, { terms: terms(over) });
  await exchange.publishBatch(
    publisher,
    events.map(([id, data]) => event(datasetId, id, data)),
  );
  await exchange.ledgerAt(datasetId, events.length);
  return { datasetId, agreement };
}
const ask = ({ agreementId }: AgreementRecordV1, over: object, caller = reader) =>
  exchange.call('POST', '/v1/queries', caller, { agreementId, purpose: 'case-handling', ...over });
const eventsIn = (body: Record<string, unknown>) => body.events as DeliveredEvent[];
const positionsIn = (body: Record<string, unknown>) => eventsIn(body).map(({ id }) => Number(id));
const disclosuresOf = async (datasetId: string) =>
  (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');

describe('a query by key', () => {
  it('gives the latest record as it is delivered elsewhere, and commits what it showed', async () => {
    const { datasetId, agreement } = await filled([
      ['1', { key: 'dog', colour: 'red' }],
      ['2', { key: 'cat' }],
      ['3', { key: 'dog', colour: 'blue' }],
    ]);
    const { status, body } = await ask(agreement, { key: 'dog', caseReference: 'CASE-7' });
    expect(status).toBe(200);
    expect(eventsIn(body)).toMatchObject([
      { id: '3', source: `/datasets/${datasetId}`, type: 'exchange.record-shared.v1', sequence: '3'.padStart(16, '0') },
    ]);
    expect(eventsIn(body)[0]?.data).toEqual({ key: 'dog', name: null, colour: 'blue' });
    expect(body).toMatchObject({ hasMore: false });
    expect(JSON.stringify(body)).not.toContain(marker);
    const { agreementId } = agreement;
    const entries = await disclosuresOf(datasetId);
    expect(entries).toMatchObject([
      {
        operation: 'queries:run',
        outcome: 'done',
        actor: { id: reader.id, department: consumer },
        agreementId,
        agreementVersion: 1,
        purpose: 'case-handling',
        legalBasis: 'Regulation, article 2',
        caseReference: 'CASE-7',
        entity: `disclosure:${String(body.disclosureId)}`,
        positions: { first: 3, last: 3 },
        records: 1,
        fields: ['/key', '/name', '/colour'],
        subjectKeys: [expect.stringMatching(/^[\w-]{22}$/)],
      },
    ]);
    const rows = await exchange.db.query<object[]>('SELECT * FROM disclosures WHERE disclosure_id = $1', [
      body.disclosureId,
    ]);
    expect(rows).toMatchObject([{ mode: 'query', case_reference: 'CASE-7', subscription_id: null, records: 1 }]);
  });

  it.each(['nobody', 'hidden'])('leaves a record of finding nothing: %s', async (key) => {
    const { datasetId, agreement } = await filled([['1', { key: 'hidden', area: 'south' }]]);
    const { status, body } = await ask(agreement, { key });
    expect([status, body.events]).toEqual([200, []]);
    const entries = await disclosuresOf(datasetId);
    expect(entries).toMatchObject([{ records: 0, outcome: 'done', entity: `disclosure:${String(body.disclosureId)}` }]);
    expect(entries[0]?.positions).toBeUndefined();
  });

  it('takes null for absent', async () => {
    const { datasetId, agreement } = await filled([['1', { key: 'dog' }]]);
    const { status, body } = await ask(agreement, { key: 'dog', where: null, caseReference: null, cursor: null });
    expect([status, positionsIn(body)]).toEqual([200, [1]]);
    expect((await disclosuresOf(datasetId))[0]).not.toHaveProperty('caseReference');
  });

  it('names the person that was asked about, though nothing was found', async () => {
    const { datasetId } = await exchange.dataset({ keyPointer: '/key', dataSubjectPointer: '/key' });
    const agreement = await exchange.agreement(datasetId, { terms: terms() });
    await ask(agreement, { key: 'someone' });
    await ask(agreement, { where: { '/key': 'someone' } });
    const keys = (await disclosuresOf(datasetId)).map(({ subjectKeys }) => subjectKeys);
    expect(keys).toEqual([[expect.stringMatching(/^[\w-]{22}$/)], keys[0]]);
  });

  it('gives nothing of a record that was removed', async () => {
    const { datasetId, agreement } = await filled([['1', { key: 'dog', colour: 'red' }]]);
    const removal = { ...event(datasetId, '2'), tombstone: true, data: { key: 'dog' } };
    expect((await exchange.publish(publisher, removal)).status).toBe(202);
    await exchange.ledgerAt(datasetId, 2);
    for (const question of [{ key: 'dog' }, { where: { '/colour': 'red' } }, { where: { '/key': 'dog' } }])
      expect((await ask(agreement, question)).body).toMatchObject({ events: [], hasMore: false });
  });

  it.each([
    ['is not granted', { fields: ['/colour', '/name'] }],
    ['is masked', { masks: [{ field: '/key', kind: 'pseudonym' as const }] }],
  ])('is refused when the key %s', async (_, over) => {
    const { agreement } = await filled([['1', { key: 'dog' }]], over);
    for (const key of ['dog', 'nobody'])
      expect(await ask(agreement, { key })).toMatchObject({ status: 400, body: { code: 'query.key-not-granted' } });
  });
});

describe('a query by what fields hold', () => {
  it('gives the latest records that match, page by page', async () => {
    const { agreement } = await filled([
      ['1', { key: 'a', colour: 'red' }],
      ['2', { key: 'b', colour: 'blue' }],
      ['3', { key: 'c', colour: 'red' }],
      ['4', { key: 'd', colour: 'red', area: 'south' }],
      ['5', { key: 'e', colour: 'red' }],
      ['6', { key: 'a', colour: 'blue' }],
    ]);
    const where = { '/colour': 'red' };
    const first = await ask(agreement, { where, limit: 1 });
    expect(first.body).toMatchObject({ hasMore: true, nextCursor: expect.any(String) });
    const second = await ask(agreement, { where, limit: 10, cursor: first.body.nextCursor });
    expect([positionsIn(first.body), positionsIn(second.body)]).toEqual([[3], [5]]);
    expect(second.body.hasMore).toBe(false);
    expect(second.body.nextCursor).toBeUndefined();
    expect(positionsIn((await ask(agreement, { where: { '/colour': 'blue', '/key': 'a' } })).body)).toEqual([6]);
  });

  it('compares what the lens shows: a masked value is found by its mask alone, what is missing by null', async () => {
    const { agreement } = await filled(
      [
        ['1', { key: 'a', name: 'Ada' }],
        ['2', { key: 'b', name: 'Bob', colour: 'red' }],
      ],
      { masks: [{ field: '/name', kind: 'partial', params: { keepStart: 1 } }] },
    );
    expect(positionsIn((await ask(agreement, { where: { '/name': 'A***' } })).body)).toEqual([1]);
    expect(positionsIn((await ask(agreement, { where: { '/name': 'Ada' } })).body)).toEqual([]);
    expect(positionsIn((await ask(agreement, { where: { '/colour': null } })).body)).toEqual([1]);
  });

  it('refuses fields that are not granted, and those that do not exist, alike', async () => {
    const { agreement } = await filled([['1', { key: 'a' }]]);
    const answers = [];
    for (const field of ['/phone', '/area', '/nothing', '/phone/x'])
      answers.push(await ask(agreement, { where: { [field]: 'north' } }));
    for (const { status, body } of answers)
      expect([status, body.code, (body.faults as { code: string }[])[0]?.code]).toEqual([
        400,
        'query.field-not-granted',
        'query.field-not-granted',
      ]);
    expect(answers[0]?.body.faults).toMatchObject([{ pointer: '/where/~1phone' }]);
  });

  it('looks at a bounded number of records for a page, and says that there is more', async () => {
    const count = 5_100;
    const { datasetId } = await exchange.dataset();
    const agreement = await exchange.agreement(datasetId, { terms: terms() });
    for (let from = 0; from < count; from += 850)
      await exchange.publishBatch(
        publisher,
        Array.from({ length: 850 }, (_, i) => event(datasetId, String(from + i), { colour: 'grey' })),
      );
    await exchange.ledgerAt(datasetId, count);
    const where = { '/colour': 'red' };
    const first = await ask(agreement, { where });
    expect(first.body).toMatchObject({ events: [], hasMore: true });
    const second = await ask(agreement, { where, cursor: first.body.nextCursor });
    expect(second.body).toMatchObject({ events: [], hasMore: false });
    expect(await disclosuresOf(datasetId)).toMatchObject([{ records: 0 }, { records: 0 }]);
    await exchange.db.query('ANALYZE events, latest_records, ledger_periods');
    const explained = await exchange.db.query<object[]>(`EXPLAIN ${readLatestSql}`, [datasetId, 'key-3', 500]);
    const plan = explained.map((row) => Object.values(row).join()).join('\n');
    expect(plan).toMatch(/Index Scan using latest_records_pkey/);
    expect(plan).toMatch(/Index Scan using events_\d+_\d+_pkey/);
    expect(plan).not.toMatch(/Hash Join|Merge Join/);
  }, 60_000);

  it('reads records of any size in chunks, and leaves none out', async () => {
    const big = 'x'.repeat(200_000);
    const events = Array.from({ length: 50 }, (_, i): [string, object] => [
      String(i),
      { colour: i % 25 === 24 ? 'red' : 'grey', note: big },
    ]);
    const { datasetId } = await exchange.dataset();
    const agreement = await exchange.agreement(datasetId, { terms: terms() });
    for (let from = 0; from < events.length; from += 10)
      await exchange.publishBatch(
        publisher,
        events.slice(from, from + 10).map(([id, data]) => event(datasetId, id, data)),
      );
    await exchange.ledgerAt(datasetId, events.length);
    const { body } = await ask(agreement, { where: { '/colour': 'red' } });
    expect(positionsIn(body).sort((a, b) => a - b)).toEqual([25, 50]);
    expect(body.hasMore).toBe(false);
  });

  it('takes a cursor only for the question and agreement it was made for, and shows no key in it', async () => {
    const secret = 'secret-key-0815';
    const { datasetId, agreement } = await filled(
      [
        ['1', { key: secret, colour: 'red' }],
        ['2', { key: 'z', colour: 'red' }],
      ],
      { fields: ['/colour'], masks: [] },
    );
    const where = { '/colour': 'red' };
    const { body } = await ask(agreement, { where, limit: 1 });
    const cursor = String(body.nextCursor);
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain(secret);
    const other = await exchange.agreement(datasetId, { terms: terms() });
    const forged = `${cursor.slice(0, -4)}AAAA`;
    for (const answer of [
      await ask(other, { where, cursor }),
      await ask(agreement, { where: { '/colour': 'blue' }, cursor }),
      await ask(agreement, { where, cursor: forged }),
      await ask(agreement, { where, cursor: 'x' }),
    ])
      expect(answer).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    expect(positionsIn((await ask(agreement, { where, cursor })).body)).toEqual([2]);
  });
});

describe('a query is not answered', () => {
  it.each([
    ['another purpose', { purpose: 'curiosity' }, 'agreement.purpose'],
    ['an agreement that does not allow it', {}, 'agreement.delivery-mode'],
  ])('for %s', async (_, over, code) => {
    const { datasetId, agreement } = await filled([['1', { key: 'a' }]]);
    if (code === 'agreement.delivery-mode')
      await exchange.change({ ...agreement, version: 2, terms: terms({ deliveryModes: ['pull', 'file'] }) });
    const denied = await ask(agreement, { key: 'a', ...over });
    expect(denied).toMatchObject({ status: 403, body: { code: 'decision.denied', explanation: { code } } });
    expect(await disclosuresOf(datasetId)).toEqual([]);
    const entries = (await exchange.entries(datasetId)).filter(({ operation }) => operation === 'POST /v1/queries');
    expect(entries).toMatchObject([{ outcome: 'denied', code: 'decision.denied', actor: { id: reader.id } }]);
  });

  it('once the agreement is revoked', async () => {
    const { agreement } = await filled([['1', { key: 'a' }]]);
    expect((await ask(agreement, { key: 'a' })).status).toBe(200);
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    expect(await ask(agreement, { key: 'a' })).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
  });

  it('for another department, nor without the scope', async () => {
    const { agreement } = await filled([['1', { key: 'a' }]]);
    const outsider = await exchange.system(stranger, ['events:read']);
    expect(await ask(agreement, { where: { '/phone': 'x' } }, outsider)).toMatchObject({
      status: 403,
      body: { code: 'decision.denied', explanation: { code: 'agreement.unknown' } },
    });
    const scopeless = { ...reader, scopes: ['events:publish'] };
    expect(await ask(agreement, { key: 'a' }, scopeless)).toMatchObject({
      status: 403,
      body: { code: 'scope.missing' },
    });
  });

  it.each([
    [{}, 'query.invalid'],
    [{ key: 'a', where: { '/key': 'a' } }, 'query.invalid'],
    [{ where: {} }, 'query.invalid'],
    [{ where: ['/key'] }, 'query.invalid'],
    [{ where: { key: 'a' } }, 'query.invalid'],
    [{ where: { '/key': { a: 1 } } }, 'query.invalid'],
    [{ key: 'a', caseReference: 'Mrs Smith!' }, 'request.invalid'],
    [{ key: 'a', limit: 0 }, 'request.invalid'],
  ])('when it is not one: %j', async (over, code) => {
    const { datasetId } = await exchange.dataset();
    const agreement = await exchange.agreement(datasetId, { terms: terms() });
    expect(await ask(agreement, over)).toMatchObject({ status: 400, body: { code } });
  });

  it('while the record of it cannot be written', async () => {
    const { agreement } = await filled([['1', { key: 'a' }]]);
    await exchange.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    const refused = await ask(agreement, { key: 'a' });
    await exchange.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect(refused.body.events).toBeUndefined();
  });
});

it('lets a department that asks without a pause wait alone, and not for ever', async () => {
  const { datasetId, agreement } = await filled([['1', { key: 'a' }]]);
  const other = await exchange.agreement(datasetId, { consumerDepartment: stranger, terms: terms() });
  const neighbour = await exchange.system(stranger, ['events:read']);
  const asked = await exchange.db.transaction(async (tx) => {
    // Each query under it waits until this is over, and holds its connection.
    await closeAgreement(agreement.agreementId, tx);
    const flood = Array.from({ length: 37 }, () => ask(agreement, { key: 'a' }));
    const refused = await Promise.race(flood);
    expect(refused).toMatchObject({ status: 503, body: { code: 'delivery.busy' }, headers: { 'retry-after': '1' } });
    expect(await ask(other, { key: 'a' }, neighbour)).toMatchObject({ status: 200 });
    return flood;
  });
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(36);
});

it('leaves no value of a record in the outbox', async () => {
  expect(await exchange.outboxText()).not.toContain(marker);
});
