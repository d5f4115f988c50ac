import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { AuditEntryV1 } from '@govbus/contracts';
import { openApiOf } from '@govbus/platform';
import { AppConfig } from '../app.config';
import { LogKeys } from '../log/log-keys';
import { department, entry, TestAudit } from '../test-audit.shared.spec';

let audit: TestAudit;
beforeAll(async () => (audit = await TestAudit.start()), 60_000);
afterAll(() => audit.stop());

type Page = { items: (AuditEntryV1 & { index: number })[]; nextCursor?: string };
const page = async (query: string): Promise<Page> => {
  const response = await audit.call('GET', `/v1/entries?${query}`);
  expect(response.statusCode).toBe(200);
  return response.json<Page>();
};
const idsOf = (entries: { entryId: string }[]): string[] => entries.map(({ entryId }) => entryId);
const actorNamed = (id: string) => ({ id, kind: 'system' as const, department });
/** The entries of the searches themselves, as they wait for the bus. */
const recorded = async (): Promise<AuditEntryV1[]> => {
  const rows = await audit.db.query<{ value: string }[]>('SELECT value FROM outbox ORDER BY id');
  return rows.map(({ value }) => (JSON.parse(value) as { data: AuditEntryV1 }).data);
};

describe('searching', () => {
  it('finds by every filter, newest first, page by page', async () => {
    const [agreementId, subscriptionId, subjectKey] = [randomUUID(), randomUUID(), 'a'.repeat(22)];
    const traceId = 'c'.repeat(32);
    const [entity, caseReference] = [`disclosure:${randomUUID()}`, 'WA-2026/17:b'];
    const about = {
      agreementId,
      subscriptionId,
      entity,
      caseReference,
      datasetId: 'animals',
      actor: actorNamed('finder'),
      subjectKeys: [subjectKey],
      traceId,
    };
    const mine = Array.from({ length: 5 }, () => entry(about));
    await audit.append(entry(), ...mine, entry({ datasetId: 'plants', outcome: 'denied', action: 'refuse' }));
    for (const filter of [
      'actor=finder',
      `agreementId=${agreementId}`,
      `agreementId=${agreementId.toUpperCase()}`,
      `subscriptionId=${subscriptionId}`,
      `subjectKey=${subjectKey}`,
      `traceId=${traceId}`,
      `entity=${entity}`,
      `caseReference=${encodeURIComponent(caseReference)}`,
      'datasetId=animals',
      'datasetId=animals&actor=finder&action=disclose&outcome=done',
    ])
      expect(idsOf((await page(filter)).items)).toEqual(idsOf(mine).reverse());
    expect((await page('datasetId=plants&outcome=denied')).items).toHaveLength(1);
    for (const nothing of [
      'datasetId=animals&actor=other',
      `entity=disclosure:${randomUUID()}`,
      'caseReference=WA-2026',
    ])
      expect((await page(nothing)).items).toEqual([]);
    const found: string[] = [];
    for (let cursor = ''; ;) {
      const { items, nextCursor } = await page(`actor=finder&limit=2${cursor}`);
      found.push(...idsOf(items));
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(found).toEqual(idsOf(mine).reverse());
  });

  it('is given up when it takes too long', async () => {
    // Holds the search up, as a walk over millions of entries would.
    const blocker = audit.db.createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('LOCK TABLE entries IN ACCESS EXCLUSIVE MODE');
    const config = audit.app.get(AppConfig);
    const { SEARCH_SECONDS } = config;
    config.SEARCH_SECONDS = 1;
    const response = await audit.call('GET', '/v1/entries?outcome=denied').finally(async () => {
      config.SEARCH_SECONDS = SEARCH_SECONDS;
      await blocker.rollbackTransaction();
      await blocker.release();
    });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'search.too-long', detail: expect.stringContaining('in 1 s') });
    expect((await page('outcome=denied')).items.length).toBeGreaterThan(0);
  });

  it('finds by time, from included and to not, whatever the offset', async () => {
    const actor = actorNamed('clock');
    const times = ['2026-05-01T00:00:00.000Z', '2026-05-01T12:00:00.000Z', '2026-05-02T00:00:00.000Z'];
    await audit.append(...times.map((time) => entry({ time, actor })));
    const found = async (query: string) => (await page(`actor=clock&${query}`)).items.map(({ time }) => time).reverse();
    expect(await found('from=2026-05-01&to=2026-05-02')).toEqual(times.slice(0, 2));
    expect(await found('from=2026-05-01T12:00:00Z')).toEqual(times.slice(1));
    expect(await found(`to=${encodeURIComponent('2026-05-01T20:00:00+08:00')}`)).toEqual(times.slice(0, 1));
    expect(await found('from=2026-05-02&to=2026-05-01')).toEqual([]);
    for (const query of ['from=2026-W18', 'to=2026', 'from=2026-05-01T00:00:00'])
      expect((await audit.call('GET', `/v1/entries?${query}`)).json()).toMatchObject({
        status: 400,
        code: 'search.time-invalid',
      });
    expect((await audit.call('GET', '/v1/entries?from=yesterday')).json()).toMatchObject({ code: 'request.invalid' });
  });

  it('shows first what happened last, though it came to the log before the rest, page by page', async () => {
    const actor = actorNamed('late');
    const late = ['2026-06-03', '2026-06-01', '2026-06-02', '2026-06-03', '2026-06-01'];
    await audit.append(...late.map((day) => entry({ time: `${day}T00:00:00.000Z`, actor })));
    const found: [string, number][] = [];
    for (let cursor = ''; ;) {
      const { items, nextCursor } = await page(`actor=late&from=2026-06-01&to=2026-06-04&limit=2${cursor}`);
      found.push(...items.map(({ time, index }): [string, number] => [time.slice(8, 10), index]));
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
    const first = Math.min(...found.map(([, index]) => index));
    expect(found.map(([day, index]) => [day, index - first])).toEqual([
      ['03', 3],
      ['03', 0],
      ['02', 2],
      ['01', 4],
      ['01', 1],
    ]);
  });

  it('turns pages without a gap or a double while entries arrive', async () => {
    const actor = actorNamed('busy');
    const before = Array.from({ length: 12 }, () => entry({ actor }));
    await audit.append(...before);
    const found: string[] = [];
    for (let cursor = ''; ;) {
      const { items, nextCursor } = await page(`actor=busy&limit=5${cursor}`);
      found.push(...idsOf(items));
      await audit.append(...Array.from({ length: 4 }, () => entry({ actor })));
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(found).toEqual(idsOf(before).reverse());
  });

  it('finds a person by the plain id, which the log itself does not hold', async () => {
    const datasetId = 'patients';
    const subjectKeys = ['x'.repeat(22), audit.app.get(LogKeys).subjectOf(datasetId, 'planted-person')];
    await audit.append(entry({ datasetId, subjectKeys }), entry({ datasetId }));
    const search = (body: object) => audit.call('POST', '/v1/entries/search', ['audit:read'], body);
    const response = await search({ datasetId, subject: 'planted-person' });
    expect(response.json<Page>().items).toHaveLength(1);
    expect(response.body).not.toContain('planted-person');
    expect(JSON.stringify(await recorded())).not.toContain('planted-person');
    expect((await search({ datasetId, subject: 'somebody-else' })).json()).toEqual({ items: [] });
    expect((await search({ datasetId: 'animals', subject: 'planted-person' })).json()).toEqual({ items: [] });
    expect((await search({ subject: 'planted-person' })).json()).toMatchObject({
      status: 400,
      code: 'search.dataset-missing',
    });
  });

  it('is an access too: each leaves its entry before it is answered', async () => {
    const one = entry({ datasetId: 'animals' });
    await audit.append(one);
    const before = (await recorded()).length;
    await audit.call('GET', '/v1/entries?datasetId=animals&limit=1');
    await audit.call('GET', `/v1/entries/${one.entryId}`);
    await audit.call('GET', `/v1/entries/${one.entryId}/proof`);
    await audit.call('GET', `/v1/entries/${randomUUID()}`);
    const actor = { id: 'anna', kind: 'officer', department };
    expect((await recorded()).slice(before)).toEqual([
      expect.objectContaining({
        action: 'disclose',
        operation: 'audit:search',
        actor,
        records: 1,
        datasetId: 'animals',
      }),
      expect.objectContaining({
        action: 'disclose',
        operation: 'audit:show',
        actor,
        records: 1,
        entity: `entry:${one.entryId}`,
      }),
      expect.objectContaining({
        action: 'disclose',
        operation: 'audit:prove',
        actor,
        records: 1,
        entity: `entry:${one.entryId}`,
      }),
    ]);
  });

  it('says in its entry what was asked about, the person by the keyed hash', async () => {
    const about = {
      datasetId: 'animals',
      agreementId: randomUUID(),
      subscriptionId: randomUUID(),
      entity: `disclosure:${randomUUID()}`,
      caseReference: 'WA-2026/18',
    };
    await audit.call('POST', '/v1/entries/search', ['audit:read'], { ...about, subject: 'planted-person' });
    const subjectKeys = [audit.app.get(LogKeys).subjectOf('animals', 'planted-person')];
    expect((await recorded()).at(-1)).toMatchObject({ operation: 'audit:search', ...about, subjectKeys });
  });

  it('is closed to those without the scope, and the refusal is recorded', async () => {
    const before = (await recorded()).length;
    expect((await audit.call('GET', '/v1/entries', ['events:read'])).statusCode).toBe(403);
    expect((await audit.call('GET', '/v1/entries', null)).statusCode).toBe(401);
    expect((await recorded()).slice(before).map(({ operation, code }) => [operation, code])).toEqual([
      ['GET /v1/entries', 'scope.missing'],
      ['GET /v1/entries', 'token.missing'],
    ]);
  });
});

it('says of each field of an entry what it means', () => {
  type Described = { description?: string; $ref?: string; properties?: Record<string, Described> };
  const schemas = openApiOf(audit.app).components?.schemas as Record<string, Described>;
  const { EntryResponse } = schemas;
  const isDescribed = ({ description, $ref }: Described): boolean =>
    Boolean(description ?? schemas[$ref?.split('/').at(-1) ?? '']?.description);
  const fields = Object.entries(EntryResponse?.properties ?? {});
  expect(fields.map(([name]) => name)).toEqual(expect.arrayContaining(['index', 'positions', 'digest']));
  expect(fields.filter(([, field]) => !isDescribed(field))).toEqual([]);
});

it('shows nothing to HEAD, which would be recorded and seen by nobody', async () => {
  const one = entry();
  await audit.append(one);
  const shown = async () => (await audit.db.query<object[]>('SELECT 1 FROM outbox')).length;
  const before = await shown();
  for (const url of ['/v1/entries', `/v1/entries/${one.entryId}`, `/v1/entries/${one.entryId}/proof`]) {
    const headers = { authorization: `Bearer ${await audit.token({ scope: 'audit:read' })}` };
    const { statusCode, headers: told } = await audit.app.inject({ method: 'HEAD', url, headers });
    expect({ statusCode, allow: told.allow }).toEqual({ statusCode: 405, allow: 'GET' });
  }
  expect(await shown()).toBe(before);
});
