import 'reflect-metadata';
import { createHash, randomUUID } from 'node:crypto';
import type { DeliveredEvent } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { type Caller, consumer, event, marker, stranger } from '../exchange.int.spec';
import { Keys } from '../delivery/keys';
import { linkOf } from './export.rules';
import { ExportBench } from './exports.shared.int.spec';

let bench: ExportBench;
beforeAll(async () => {
  bench = await ExportBench.start();
}, 60_000);
afterAll(() => bench.stop());

const linkIn = (body: Record<string, unknown>): string => (body.link as { url: string }).url;

describe('an export', () => {
  it('becomes a CSV file of the latest records, as the agreement shows them', async () => {
    const { datasetId, agreement } = await bench.filled([
      { key: 'b', note: 'first' },
      { key: 'a', note: '=2+3' },
      { key: 'hidden', area: 'south' },
      { key: 'b', note: 'say "hi", twice' },
    ]);
    const accepted = await bench.order(agreement, { caseReference: 'CASE-7' });
    const id = String(accepted.body.exportId);
    expect(accepted).toMatchObject({ status: 202, headers: { location: `/v1/exports/${id}` } });
    const view = await bench.reaches(id, 'done');
    const { status, content, headers } = await bench.file(id);
    const lines = content.toString().split('\r\n');
    const [time] = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(lines[1] ?? '') ?? [];
    expect([status, time]).toEqual([200, expect.any(String)]);
    expect(lines).toEqual([
      'position,time,type,/key,/name,/note',
      expect.stringMatching(/^2,[^,]+,exchange.record-shared.v1,a,,'=2\+3$/),
      expect.stringMatching(/^4,[^,]+,exchange.record-shared.v1,b,,"say ""hi"", twice"$/),
      '',
    ]);
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(view).toMatchObject({ sha256, bytes: content.length, records: 2, caseReference: 'CASE-7' });
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-length': String(content.length),
      'content-disposition': `attachment; filename="${datasetId}-${id.slice(0, 8)}.csv"`,
      'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
      'cache-control': 'no-store',
    });
  });

  it('becomes an NDJSON file of the events between two positions, an event a line', async () => {
    const { datasetId, agreement } = await bench.filled([{}, {}, { area: 'south' }, {}, {}]);
    const id = await bench.done(agreement, { format: 'ndjson', of: 'events', from: 2, to: 4 });
    const { content, headers } = await bench.file(id);
    const events = content
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as DeliveredEvent);
    expect(events.map(({ id: position }) => position)).toEqual(['2', '4']);
    expect(events[0]).toMatchObject({ source: `/datasets/${datasetId}`, type: 'exchange.record-shared.v1' });
    expect(events[0]?.data).toEqual({ key: 'key-2', name: null });
    expect(headers['content-type']).toBe('application/x-ndjson');
    expect((await bench.view(id)).body).toMatchObject({ progress: { share: 1 }, records: 2 });
  });

  it('shows how far it is as a share, and never how many records the agreement hides', async () => {
    const hidden = Array.from({ length: 20 }, (_, i) => ({ key: `a${i}`, area: 'south' }));
    const shown = Array.from({ length: 5 }, (_, i) => ({ key: `b${i}` }));
    const { agreement } = await bench.filled([...hidden, ...shown], { limits: { recordsPerDay: 2 } });
    await bench.dayLasts(agreement);
    const id = await bench.ordered(agreement);
    // Waits for the next day with 22 of 25 looked at.
    await eventually(async () => expect((await bench.view(id)).body).toMatchObject({ records: 2 }));
    expect((await bench.view(id)).body).toMatchObject({ status: 'running' });
    expect((await bench.view(id)).body.progress).toEqual({ share: 0.8 });
    await bench.exchange.change({ ...agreement, version: 2, terms: bench.terms() });
    expect((await bench.reaches(id, 'done')).progress).toEqual({ share: 1 });
    const { agreement: plain } = await bench.filled(shown);
    const counts = ({ progress, records, bytes }: Record<string, unknown>) => ({ progress, records, bytes });
    const bare = counts((await bench.view(await bench.done(plain))).body);
    // Positions of one figure rather than two.
    expect(counts((await bench.view(id)).body)).toEqual({ ...bare, bytes: Number(bare.bytes) + shown.length });
  });

  it('of events tells nothing of whether one that the agreement hides is still kept', async () => {
    const { datasetId, agreement } = await bench.filled([{ area: 'south' }, { area: 'south' }, {}]);
    await bench.rows('DELETE FROM events WHERE dataset_id = $1 AND position = 1', datasetId);
    const tellsOf = async (position: number) => {
      const id = await bench.done(agreement, { of: 'events', from: position, to: position });
      const { progress, records, bytes, sha256 } = (await bench.view(id)).body;
      return { progress, records, bytes, sha256 };
    };
    const [gone, kept] = [await tellsOf(1), await tellsOf(2)];
    expect(gone).toMatchObject({ progress: { share: 1 }, records: 0 });
    expect(kept).toEqual(gone);
  });

  it('of the latest records leaves removed ones out; of the events it tells that they were removed', async () => {
    const { datasetId, agreement } = await bench.filled([{ key: 'a' }, { key: 'b' }]);
    const removal = { ...event(datasetId, '3'), tombstone: true, data: { key: 'a' } };
    expect((await bench.exchange.publish(bench.publisher, removal)).status).toBe(202);
    await bench.exchange.ledgerAt(datasetId, 3);
    const linesOf = async (of: string) => {
      const { content } = await bench.file(await bench.done(agreement, { of }));
      return content.toString().trimEnd().split('\r\n').slice(1);
    };
    expect(await linesOf('latest')).toEqual([expect.stringMatching(/^2,.*,b,,$/)]);
    expect((await linesOf('events'))[2]).toMatch(/^3,.*,exchange.record-removed.v1,a,,$/);
  });

  it('says in its manifest what is in the file', async () => {
    const { datasetId, agreement } = await bench.filled([{}, {}, { area: 'south' }]);
    const id = await bench.done(agreement, { of: 'events' });
    const { body } = await bench.exchange.call('GET', `/v1/exports/${id}/manifest`, bench.reader);
    const { content } = await bench.file(id);
    expect(body).toMatchObject({
      exportId: id,
      datasetId,
      agreementId: agreement.agreementId,
      agreementVersion: 1,
      purpose: 'case-handling',
      format: 'csv',
      of: 'events',
      fields: ['/key', '/name', '/note'],
      columns: ['position', 'time', 'type', '/key', '/name', '/note'],
      period: { from: expect.any(String), to: expect.any(String) },
      positions: { first: 1, last: 2 },
      records: 2,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      createdAt: expect.any(String),
    });
  });

  it('leaves the record of each page, of the file and of each download, and no value in any of them', async () => {
    const { datasetId, agreement } = await bench.filled([{}, {}]);
    const id = await bench.done(agreement, { of: 'events', caseReference: 'CASE-8' });
    expect((await bench.file(id)).status).toBe(200);
    const actor = { id: bench.reader.id, department: consumer };
    const { agreementId } = agreement;
    const about = { agreementId, agreementVersion: 1, purpose: 'case-handling', caseReference: 'CASE-8' };
    const [page] = await bench.entries(datasetId, 'exports:run');
    expect(page).toMatchObject({ ...about, actor, records: 2, positions: { first: 1, last: 2 } });
    expect(page).toMatchObject({ action: 'disclose', fields: ['/key', '/name', '/note'] });
    expect(page?.subjectKeys).toHaveLength(2);
    expect(await bench.disclosuresOf(id)).toMatchObject([{ mode: 'file', records: 2, case_reference: 'CASE-8' }]);
    const entity = `export:${id}`;
    expect(await bench.entries(datasetId, 'exports:create')).toMatchObject([{ ...about, actor, entity }]);
    expect(await bench.entries(datasetId, 'exports:finish')).toMatchObject([{ ...about, entity, records: 2 }]);
    const [download] = await bench.entries(datasetId, 'exports:download');
    expect(download).toMatchObject({ ...about, action: 'disclose', actor, entity, records: 2 });
    expect(await bench.exchange.outboxText()).not.toContain(marker);
  });

  it.each(['csv', 'ndjson'])(
    'never holds what is masked or not granted: %s',
    async (format) => {
      const events = Array.from({ length: 1_200 }, (_, i) => ({ key: `k${i % 1_100}`, name: `${marker}-${i}` }));
      const masks = [{ field: '/name', kind: 'partial' as const, params: { keepStart: 2 } }];
      const { agreement } = await bench.filled(events, { masks });
      for (const kind of ['latest', 'events']) {
        const { content } = await bench.file(await bench.done(agreement, { format, of: kind }));
        expect(content.toString()).not.toContain(marker);
        expect(content.toString()).not.toContain('north');
        expect(content.toString().split('pl***')).toHaveLength(kind === 'latest' ? 1_101 : 1_201);
      }
    },
    60_000,
  );

  it('of nothing is a file without records, and recorded all the same', async () => {
    const { datasetId, agreement } = await bench.filled([]);
    const id = await bench.done(agreement);
    const { status, content } = await bench.file(id);
    expect([status, content.toString()]).toEqual([200, 'position,time,type,/key,/name,/note\r\n']);
    const empty = await bench.file(await bench.done(agreement, { format: 'ndjson', of: 'events' }));
    expect([empty.status, empty.content.length, empty.headers['content-length']]).toEqual([200, 0, '0']);
    expect(await bench.entries(datasetId, 'exports:create')).toHaveLength(2);
    expect(await bench.entries(datasetId, 'exports:finish')).toMatchObject([{ records: 0 }, { records: 0 }]);
    expect(await bench.entries(datasetId, 'exports:download')).toMatchObject([{ records: 0 }, { records: 0 }]);
  });

  it('is made once for one idempotency key', async () => {
    const { agreement } = await bench.filled([{}]);
    const token = await bench.exchange.issuer.token({ ...bench.reader, kind: 'system', roles: [] });
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() };
    const { agreementId } = agreement;
    const payload = { agreementId, purpose: 'case-handling', format: 'csv', of: 'latest' };
    const post = () => bench.exchange.app.inject({ method: 'POST', url: '/v1/exports', headers, payload });
    const [first, second] = [await post(), await post()];
    expect([second.statusCode, second.headers.location]).toEqual([202, first.headers.location]);
    expect(await bench.rows('SELECT 1 FROM exports WHERE agreement_id = $1', agreementId)).toHaveLength(1);
  });

  it('is listed for its department, page by page', async () => {
    const { agreement } = await bench.filled([{}]);
    const ids = [await bench.done(agreement), await bench.done(agreement), await bench.done(agreement)];
    const listed: string[] = [];
    let next = '/v1/exports?limit=2';
    while (next) {
      const { body } = await bench.exchange.call('GET', next, bench.reader);
      listed.push(...(body.items as { exportId: string }[]).map(({ exportId }) => exportId));
      next = body.nextCursor ? `/v1/exports?limit=2&cursor=${String(body.nextCursor)}` : '';
    }
    expect(listed.filter((id) => ids.includes(id))).toEqual(ids);
    expect(new Set(listed).size).toBe(listed.length);
    for (const parts of [
      ['x', randomUUID()],
      ['2026-01-01T00:00:00Z', 'x'],
      [1, 2],
      ['-271821-04-20T00:00:00.000Z', randomUUID()],
      ['2026-02-30T00:00:00.000Z', randomUUID()],
    ]) {
      const cursor = Buffer.from(JSON.stringify(parts)).toString('base64url');
      const forged = await bench.exchange.call('GET', `/v1/exports?cursor=${cursor}`, bench.reader);
      expect(forged).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    }
  });
});

describe('the link to a file', () => {
  it('serves without a token, records it, and is good for this file and its time alone', async () => {
    const { datasetId, agreement } = await bench.filled([{}]);
    const [id, other] = [await bench.done(agreement), await bench.done(agreement)];
    const { body } = await bench.view(id);
    const link = linkIn(body);
    expect(link.startsWith(`http://127.0.0.1:7003/v1/exports/${id}/download?`)).toBe(true);
    const served = await bench.file(link);
    expect([served.status, served.content]).toEqual([200, (await bench.file(id)).content]);
    const [entry] = await bench.entries(datasetId, 'exports:download-by-link');
    expect(entry).toMatchObject({ actor: { id: bench.reader.id, department: consumer }, entity: `export:${id}` });

    const past = String(Math.floor(Date.now() / 1000) - 1);
    const signature = bench.exchange.app.get(Keys).linkSignatureOf(linkOf(id, past));
    const forged = [
      link.replace(id, other),
      link.replace(/expires=\d+/, 'expires=99999999999'),
      link.replace(/signature=.{4}/, 'signature=AAAA'),
      `${link.split('?')[0]}?expires=${past}&signature=${signature}`,
    ];
    for (const url of forged) expect(await bench.file(url)).toMatchObject({ status: 403, code: 'link.invalid' });
    expect(await bench.file(link.split('?')[0] ?? '')).toMatchObject({ status: 400, code: 'request.invalid' });
  });
});

it('refuses HEAD on a file and on its link, as those send who check links: nothing would be handed out', async () => {
  const { datasetId, agreement } = await bench.filled([{}]);
  const id = await bench.done(agreement);
  const { href, origin } = new URL(linkIn((await bench.view(id)).body));
  const token = await bench.exchange.issuer.token({ ...bench.reader, kind: 'system', roles: [] });
  const headers = { authorization: `Bearer ${token}` };
  for (const url of [`/v1/exports/${id}/file`, href.slice(origin.length)]) {
    const answer = await bench.exchange.app.inject({ method: 'HEAD', url, headers });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET']);
  }
  for (const operation of ['exports:download', 'exports:download-by-link'])
    expect(await bench.entries(datasetId, operation)).toEqual([]);
});

describe('an export is refused', () => {
  it.each([
    ['another purpose', { purpose: 'curiosity' }, {}, 'agreement.purpose'],
    [
      'a way of delivery that is not granted',
      {},
      { deliveryModes: ['pull', 'query'] as const },
      'agreement.delivery-mode',
    ],
    ['a missing case', {}, { caseRequired: true }, 'agreement.case-required'],
  ])('for %s, which raises an alarm', async (_, order, terms, code) => {
    const { datasetId, agreement } = await bench.filled([], terms as object);
    const denied = await bench.order(agreement, order);
    expect(denied).toMatchObject({ status: 403, body: { code: 'decision.denied', explanation: { code } } });
    const actor = { id: bench.reader.id, department: consumer };
    expect(await bench.entries(datasetId, 'agreements:over-scope')).toMatchObject([{ code, outcome: 'denied', actor }]);
  });

  it('to other departments, which are not told that it exists', async () => {
    const { agreement } = await bench.filled([{}]);
    const outsider: Caller = await bench.exchange.system(stranger, ['events:read']);
    expect(await bench.order(agreement, {}, outsider)).toMatchObject({
      status: 403,
      body: { code: 'decision.denied' },
    });
    const id = await bench.done(agreement);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/manifest'],
      ['GET', '/file'],
      ['DELETE', ''],
    ] as const) {
      const answer = await bench.exchange.call(method, `/v1/exports/${id}${path}`, outsider);
      expect(answer).toMatchObject({ status: 404, body: { code: 'export.unknown' } });
    }
    const { body } = await bench.exchange.call('GET', '/v1/exports?limit=500', outsider);
    expect(body.items).toEqual([]);
    const scopeless = { ...bench.reader, scopes: ['events:publish'] };
    expect(await bench.file(id, scopeless)).toMatchObject({ status: 403, code: 'scope.missing' });
  });

  it.each([
    [{ of: 'latest', from: 1 }, 'export.range'],
    [{ of: 'events', from: 2, to: 1 }, 'export.range'],
    [{ of: 'events', to: 3 }, 'position.beyond-head'],
    [{ of: 'events', from: 0 }, 'request.invalid'],
    [{ format: 'xlsx' }, 'request.invalid'],
    [{ caseReference: 'Mrs Smith!' }, 'request.invalid'],
  ])('when the order is none: %j', async (over, code) => {
    const { agreement } = await bench.filled([{}, {}]);
    expect(await bench.order(agreement, over)).toMatchObject({ status: 400, body: { code } });
  });
});
