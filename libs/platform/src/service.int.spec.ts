import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { SpecIssuer } from './issuer.shared.spec';
import { eventually, gate, newDatabase, shutGate, startNotes } from './notes-app.shared.spec';
import { Purge } from './service/purge';

let issuer: SpecIssuer;
let app: NestFastifyApplication;
let db: DataSource;
beforeAll(async () => {
  issuer = await SpecIssuer.start();
  app = await startNotes(issuer.url);
  db = app.get(DataSource);
});

type Call = { body?: unknown; headers?: Record<string, string>; sub?: string; raw?: string };
async function call(method: 'GET' | 'POST' | 'PATCH', url: string, { body, headers = {}, sub, raw }: Call = {}) {
  const authorization = `Bearer ${issuer.token(sub ? { sub } : {})}`;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const type = payload === undefined ? {} : { 'content-type': 'application/json' };
  const response = await app.inject({ method, url, headers: { ...type, authorization, ...headers }, payload });
  const answer = response.body === '' ? {} : response.json<Record<string, unknown>>();
  return { status: response.statusCode, headers: response.headers, body: answer };
}
const write = (text: string, more: Call = {}) => call('POST', '/v1/notes', { body: { text }, ...more });
const messages = (): Promise<{ key: string; value: string }[]> => db.query('SELECT key, value FROM outbox');
const entriesOf = async (caller: string): Promise<unknown[]> =>
  (await messages())
    .map(({ value }) => JSON.parse(value) as { data: { actor?: { id: string } } })
    .flatMap(({ data }) => (data.actor?.id === caller ? [data] : []));
const count = async (text: string): Promise<number> => {
  const rows = await db.query<unknown[]>('SELECT 1 FROM notes WHERE text = $1', [text]);
  return rows.length;
};

describe('problems', () => {
  it.each([
    ['invalid', 400, 'note.invalid', { faults: [{ pointer: '/text', code: 'text', detail: 'is wrong' }] }],
    ['forbidden', 403, 'note.forbidden', {}],
    ['not-found', 404, 'note.unknown', {}],
    ['conflict', 409, 'note.conflict', {}],
    ['stale', 412, 'note.stale', {}],
    ['unavailable', 503, 'note.unavailable', {}],
    ['unexpected', 500, 'internal', {}],
    ['no-error', 500, 'internal', {}],
  ])('a refusal that is %s is answered with %i', async (kind, status, code, more) => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const answer = await call('GET', `/v1/notes/refusals/${kind}`, { headers: { traceparent } });
    expect(answer).toMatchObject({ status, body: { status, code, ...more } });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['retry-after']).toBe(kind === 'unavailable' ? '7' : undefined);
    expect(answer.body.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(JSON.stringify(answer)).not.toMatch(/planted/i);
  });

  it('show nothing of what the database said', async () => {
    const text = `planted ${randomUUID()}`;
    await write(text);
    const again = await write(text);
    expect(again).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(again)).not.toMatch(/planted|notes_|unique|duplicate/);
  });

  it.each([
    ['an address that is not there', 'GET', '/v1/nowhere/planted', undefined, 404],
    ['a broken address', 'GET', '/v1/%zz', undefined, 400],
    ['half a JSON', 'POST', '/v1/notes', '{"text": "planted', 400],
    ['no body', 'POST', '/v1/notes', '', 400],
    ['a body that is too large', 'POST', '/v1/notes', `"${'x'.repeat(1024 * 1024)}"`, 413],
  ] as const)('cover %s', async (_, method, url, raw, status) => {
    const answer = await call(method, url, { raw });
    expect(answer).toMatchObject({ status, body: { status } });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.stringify(answer.body)).not.toContain('planted');
  });

  it.each([
    ['POST', '/v1/notes/me', 'GET, HEAD, PATCH'],
    ['DELETE', `/v1/notes/${randomUUID()}?planted=1`, 'PATCH'],
    ['PUT', '/v1/notes', 'GET, HEAD, POST'],
    ['OPTIONS', '/v1/notes/refusals/planted', 'GET, HEAD, POST'],
    ['PROPFIND', '/health/live', 'GET, HEAD'],
  ])('cover %s %s, which the path does not have', async (method, url, allow) => {
    const before = (await messages()).length;
    const inject = { method: method as 'GET', url, headers: { 'content-type': 'text/planted' }, payload: 'planted' };
    const response = await app.inject(inject);
    expect({ status: response.statusCode, allow: response.headers.allow }).toEqual({ status: 405, allow });
    expect(response.json()).toMatchObject({ status: 405, code: 'method.not-allowed' });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.body).not.toContain('planted');
    // Nothing was touched, as with a path that is not there.
    expect(await messages()).toHaveLength(before);
  });

  it.each(['POST', 'DELETE', 'OPTIONS', 'PROPFIND'])('cover %s where there is nothing', async (method) => {
    const response = await app.inject({ method: method as 'GET', url: '/v1/nowhere' });
    expect({ status: response.statusCode, allow: response.headers.allow }).toEqual({ status: 404, allow: undefined });
    expect(response.json()).toMatchObject({ code: 'route.unknown' });
  });

  it('cover a media type that is none of ours', async () => {
    const headers = { 'content-type': 'text/planted' };
    expect(await call('POST', '/v1/notes', { raw: 'x', headers })).toMatchObject({ status: 415 });
  });
});

describe('input', () => {
  it.each([
    ['an unknown field', { text: 'a', extra: 'planted' }, '/extra'],
    ['an unknown field further down', { text: 'a', tag: { name: 'b', 'x/y': 'planted' } }, '/tag/x~1y'],
    ['a field that is missing', {}, '/text'],
    ['a field that is too long', { text: 'planted'.repeat(50) }, '/text'],
    ['a field of another type', { text: { deep: 'planted' } }, '/text'],
    ['half a number', { text: 'a', rank: 1.5 }, '/rank'],
  ])('with %s is refused with its pointer, without its value', async (_, body, pointer) => {
    const answer = await call('POST', '/v1/notes', { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(answer.body.faults).toContainEqual(expect.objectContaining({ pointer }));
    expect(JSON.stringify(answer)).not.toContain('planted');
  });

  it('names all faults at once', async () => {
    const { body } = await call('POST', '/v1/notes', { body: { text: 7, rank: 'planted', extra: 1 } });
    const pointers = (body.faults as { pointer: string }[]).map(({ pointer }) => pointer);
    expect([...new Set(pointers)].sort()).toEqual(['/extra', '/rank', '/text']);
  });

  it('in the query has rules as well', async () => {
    for (const query of ['limit=0', 'limit=501', 'limit=planted', 'planted=1'])
      expect(await call('GET', `/v1/notes?${query}`)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });
});

describe('lists', () => {
  it('go on by an opaque cursor, also as a link, and refuse a forged one', async () => {
    const prefix = `~list ${randomUUID()}`;
    for (const i of [1, 2, 3]) await write(`${prefix} ${i}`);
    const from = Buffer.from(JSON.stringify([prefix])).toString('base64url');
    const first = await call('GET', `/v1/notes?limit=2&cursor=${from}`);
    expect(first.body.items).toEqual([{ text: `${prefix} 1` }, { text: `${prefix} 2` }]);
    const cursor = String(first.body.nextCursor);
    expect(first.headers.link).toBe(`</v1/notes?limit=2&cursor=${cursor}>; rel="next"`);
    const second = await call('GET', `/v1/notes?limit=2&cursor=${cursor}`);
    expect(second.body).toEqual({ items: [{ text: `${prefix} 3` }] });
    expect(second.headers.link).toBeUndefined();

    for (const forged of ['planted', Buffer.from('[null]').toString('base64url'), 'x'.repeat(1001)])
      expect(await call('GET', `/v1/notes?cursor=${forged}`)).toMatchObject({ status: 400 });
  });
});

describe('changes', () => {
  it('are made on the version that the caller saw', async () => {
    const { body, headers } = await write(`versioned ${randomUUID()}`);
    const url = `/v1/notes/${String(body.id)}`;
    const change = (text: string, ifMatch?: string) =>
      call('PATCH', url, {
        body: { text: `${text} ${String(body.id)}` },
        headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
      });
    expect(headers.etag).toBe('"1"');
    expect(await change('second', '"1"')).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await change('lost', '"1"')).toMatchObject({ status: 412, body: { code: 'entity.stale' } });
    expect(await change('third', '"1", "2"')).toMatchObject({ status: 200, body: { version: 3 } });
    const both = await Promise.all([change('left', '"3"'), change('right', '"3"')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('of what is not there are 404', async () => {
    const answer = await call('PATCH', `/v1/notes/${randomUUID()}`, { body: { text: 'x' } });
    expect(answer).toMatchObject({ status: 404, body: { code: 'note.unknown' } });
  });

  it('and their messages stand or fall together', async () => {
    const kept = `kept ${randomUUID()}`;
    const refused = `refused ${randomUUID()}`;
    expect(await write(kept)).toMatchObject({ status: 201 });
    expect(await write(refused)).toMatchObject({ status: 409 });
    const keys = (await messages()).map(({ key }) => key);
    expect([keys.includes(kept), keys.includes(refused)]).toEqual([true, false]);
    expect([await count(kept), await count(refused)]).toEqual([1, 0]);
  });

  it('that are refused leave an audit entry that is committed before the answer', async () => {
    const caller = `officer-${randomUUID()}`;
    await call('POST', '/v1/notes/refusals/conflict', { sub: caller });
    await call('POST', '/v1/notes/refusals/unexpected', { sub: caller });
    expect(await entriesOf(caller)).toEqual([
      expect.objectContaining({
        service: 'notes',
        action: 'refuse',
        outcome: 'refused',
        operation: 'POST /v1/notes/refusals/:kind',
        code: 'note.conflict',
      }),
    ]);
  });

  it('leave an entry also where the answer is that there is nothing, unlike a read and what has no route', async () => {
    const caller = `officer-${randomUUID()}`;
    const body = { text: 'x' };
    expect(await call('PATCH', `/v1/notes/${randomUUID()}`, { body, sub: caller })).toMatchObject({ status: 404 });
    expect(await call('POST', '/v1/notes/refusals/not-found', { sub: caller })).toMatchObject({ status: 404 });
    expect(await call('GET', '/v1/notes/refusals/not-found', { sub: caller })).toMatchObject({ status: 404 });
    expect(await call('POST', '/v1/nowhere', { body, sub: caller })).toMatchObject({ status: 404 });
    expect(await call('PATCH', '/v1/notes', { body, sub: caller })).toMatchObject({ status: 405 });
    expect(await entriesOf(caller)).toEqual([
      expect.objectContaining({ action: 'refuse', operation: 'PATCH /v1/notes/:id', code: 'note.unknown' }),
      expect.objectContaining({ operation: 'POST /v1/notes/refusals/:kind', code: 'note.unknown' }),
    ]);
  });
});

describe('a trace', () => {
  type Told = { type: string; traceparent?: string; data: { traceId?: string; operation?: string; text?: string } };
  const told = async (): Promise<Told[]> => (await messages()).map(({ value }) => JSON.parse(value) as Told);
  const trace = () => randomUUID().replaceAll('-', '');
  const parentOf = (traceId: string) => ({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  const refused = (kind: string, headers = {}) => call('POST', `/v1/notes/refusals/${kind}`, { headers });

  it('goes from the request into the messages that it causes', async () => {
    const [text, traceId] = [`traced ${randomUUID()}`, trace()];
    await write(text, { headers: parentOf(traceId) });
    const message = (await told()).find(({ data }) => data.text === text);
    expect(message?.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });

  it('of a refusal is in its audit entry as the answer tells it, whoever else is refused meanwhile', async () => {
    const own = trace();
    // The first holds up the others, which are then written together.
    const answers = await Promise.all([
      refused('unavailable'),
      refused('conflict', parentOf(own)),
      refused('stale'),
      refused('forbidden', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }),
    ]);
    const [, conflict, stale, forbidden] = answers.map(({ body }) => String(body.traceId));
    expect(conflict).toBe(own);
    for (const id of [stale, forbidden]) expect(id).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(new Set([conflict, stale, forbidden]).size).toBe(3);
    const entries = (await told()).filter(({ type }) => type === 'audit.entry-recorded.v1');
    for (const [code, traceId] of [
      ['note.conflict', conflict],
      ['note.stale', stale],
      ['note.forbidden', forbidden],
    ])
      expect(entries).toContainEqual(
        expect.objectContaining({ data: expect.objectContaining({ code, traceId }) as object }),
      );
  });
});

describe('an idempotency key', () => {
  const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });

  it('gives a repeated request the first answer and one effect', async () => {
    const [text, key] = [`once ${randomUUID()}`, randomUUID()];
    const first = await write(text, keyed(key));
    const again = await write(text, keyed(key));
    expect(first).toMatchObject({ status: 201, body: { text } });
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers).toMatchObject({
      'idempotency-replayed': 'true',
      etag: first.headers.etag,
      location: first.headers.location,
    });
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(await count(text)).toBe(1);
  });

  it('is refused with another body, and is another key for another caller', async () => {
    const [text, key] = [`mine ${randomUUID()}`, randomUUID()];
    await write(text, keyed(key));
    expect(await write(`${text} changed`, keyed(key))).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key.reused' },
    });
    expect(await write(`${text} other`, { ...keyed(key), sub: 'officer-2' })).toMatchObject({ status: 201 });
  });

  // Nothing that could be compressed into the index.
  const long = Array.from({ length: 200 }, () => randomUUID()).join('');
  it.each([
    ['short', '?q=a'],
    ['long', `?q=${long}`],
  ])('is for one address with its query, also one that is %s', async (_, query) => {
    const [text, key] = [`asked ${randomUUID()}`, randomUUID()];
    const ask = (more: string, words = text) =>
      call('POST', `/v1/notes${query}${more}`, { body: { text: words }, ...keyed(key) });
    const first = await ask('');
    expect(first).toMatchObject({ status: 201 });
    expect(await ask('')).toMatchObject({ status: 201, body: first.body, headers: { 'idempotency-replayed': 'true' } });
    expect(await ask('&other=1', `${text} other`)).toMatchObject({ status: 201 });
    expect(await write(`${text} without`, keyed(key))).toMatchObject({ status: 201 });
  });

  it('is refused while the first request runs', async () => {
    const [text, key] = [`slow ${randomUUID()}`, randomUUID()];
    shutGate();
    const before = gate.waiting;
    const first = write(text, keyed(key));
    await eventually(() => expect(gate.waiting).toBe(before + 1));
    expect(await write(text, keyed(key))).toMatchObject({
      status: 409,
      body: { code: 'idempotency-key.in-progress' },
    });
    gate.open();
    expect(await first).toMatchObject({ status: 201 });
    expect((await write(text, keyed(key))).headers['idempotency-replayed']).toBe('true');
  });

  it('may be used again after a refusal', async () => {
    const key = randomUUID();
    const text = `refused ${randomUUID()}`;
    expect(await write(text, keyed(key))).toMatchObject({ status: 409, body: { code: 'note.refused' } });
    expect(await write(text, keyed(key))).toMatchObject({ status: 409, body: { code: 'note.refused' } });
    expect(await write(`kept ${text}`, keyed(key))).toMatchObject({ status: 201 });
  });

  it.each(['', 'two words', 'x'.repeat(256), 'ä'])('must be visible ASCII: %j', async (key) => {
    expect(await write(`never ${randomUUID()}`, keyed(key))).toMatchObject({
      status: 400,
      body: { code: 'idempotency-key.invalid' },
    });
  });
});

describe('the purge', () => {
  it('removes what no repetition asks for any more, and nothing else', async () => {
    const [old, young] = [randomUUID(), randomUUID()];
    await db.query(
      `INSERT INTO idempotency_keys (key, caller, route, digest, created_at)
       SELECT key, 'c', 'r', '', now() - age
         FROM (VALUES ($1, interval '25 hours'), ($2, interval '23 hours')) AS k (key, age)`,
      [old, young],
    );
    await db.query(
      `INSERT INTO inbox (consumer, event_id, received_at)
       SELECT 'c', $1 || n, now() - interval '15 days' FROM generate_series(1, 5001) AS n
       UNION ALL SELECT 'c', $2, now() - interval '13 days'`,
      [old, young],
    );
    await app.get(Purge).run();
    expect(await db.query('SELECT key FROM idempotency_keys WHERE key = ANY($1)', [[old, young]])).toEqual([
      { key: young },
    ]);
    expect(await db.query(`SELECT event_id FROM inbox WHERE consumer = 'c'`)).toEqual([{ event_id: young }]);
  });
});

describe('migrations', () => {
  it('run once, when processes start at once', async () => {
    const databaseUrl = await newDatabase();
    const apps = await Promise.all([1, 2, 3].map(() => startNotes(issuer.url, { databaseUrl })));
    const done = await apps[0]?.get(DataSource).query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
    const names = done?.map(({ name }) => name) ?? [];
    expect(names).toContain('CreateNotes1796000000000');
    expect(names).toHaveLength(new Set(names).size);
  });

  it('wait for the process that migrates', async () => {
    const databaseUrl = await newDatabase();
    const holder = await new DataSource({ type: 'postgres', url: databaseUrl }).initialize();
    const runner = holder.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock(7030201)');
    const starting = startNotes(issuer.url, { databaseUrl });
    await eventually(async () => {
      const waiting = await holder.query<unknown[]>(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      );
      expect(waiting).toHaveLength(1);
    });
    expect(await holder.query<unknown[]>(`SELECT 1 FROM pg_tables WHERE tablename = 'notes'`)).toEqual([]);
    await runner.query('SELECT pg_advisory_unlock(7030201)');
    await starting;
    expect(await holder.query<unknown[]>(`SELECT 1 FROM pg_tables WHERE tablename = 'notes'`)).toHaveLength(1);
    await runner.release();
    await holder.destroy();
  });
});
