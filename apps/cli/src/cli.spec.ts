import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Client } from './client';
import { readConnection, serviceNames } from './connection';
import { Progress } from './progress';
import { json, runCli, TestServer } from './test-server.shared.spec';

let server: TestServer;
beforeEach(async () => (server = await new TestServer().start()));
afterEach(() => server.stop());
const id = '00000000-0000-4000-8000-000000000001';

describe('the command line', () => {
  it.each([
    [['nope']],
    [['publish']],
    [['status', '--colour']],
    [['publish', '--csv', 'a', '--map', 'b', '--as', 'c', '--batch', '0']],
  ])('exits 2 and says in one line what is wrong: %j', async (argv) => {
    const { code, out, err } = await runCli(argv, {}, server.dir);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^govbus: [^\n]+; --help shows how\n$/);
  });

  it.each([
    [],
    ['status'],
    ['token'],
    ['publish'],
    ['subscriptions', 'list'],
    ['subscriptions', 'create'],
    ['subscriptions', 'read'],
    ['audit', 'search'],
    ['audit', 'verify'],
    ['audit', 'proof'],
  ])('teaches with an example: %s %s', async (...argv) => {
    const { code, out } = await runCli([...argv, '--help'], {}, server.dir);
    expect(code).toBe(0);
    expect(out).toMatch(/Example[^]*\n {2}(govbus|curl)/);
  });
});

describe('the connection', () => {
  const content = () => ({
    urls: Object.fromEntries(serviceNames.map((name) => [name, `${server.url}/`])),
    secrets: {},
  });

  it('is found upwards, by the environment and by the option, the nearer the stronger', () => {
    mkdirSync(join(server.dir, '.govbus/run'), { recursive: true });
    mkdirSync(join(server.dir, 'deep/er'), { recursive: true });
    const cwd = join(server.dir, 'deep/er');
    const above = server.write('.govbus/run/credentials.json', content());
    const [named, given] = [server.write('named.json', content()), server.write('given.json', content())];
    expect(readConnection({ cwd, env: {} })).toMatchObject({ file: above, urls: { audit: server.url } });
    expect(readConnection({ cwd, env: { GOVBUS_CONNECTION: named } }).file).toBe(named);
    expect(readConnection({ cwd, env: { GOVBUS_CONNECTION: named }, file: '../../given.json' }).file).toBe(given);
  });

  it('that is missing or wrong is told in one line, without a secret', async () => {
    const missing = await runCli(['status'], {}, '/');
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('`npm start` writes it') });
    const { urls } = content();
    writeFileSync(join(server.dir, 'c.json'), JSON.stringify({ urls: { ...urls, audit: 7 }, secrets: 'hush' }));
    const wrong = await runCli(['--connection', 'c.json', 'status'], {}, server.dir);
    expect(wrong.err).toMatch(/lacks urls\.audit, secrets; `npm start` writes a whole one\n$/);
    expect(wrong.err).not.toContain('hush');
    server.write('c.json', '{');
    expect((await runCli(['--connection', 'c.json', 'status'], {}, server.dir)).err).toContain('is not JSON');
  });
});

describe('status', () => {
  it('is good only when all five are ready', async () => {
    server.on('GET /health/ready', (_, response) => json(response, 200, { status: 'ok' }));
    const good = await server.run('status');
    expect(good.code).toBe(0);
    expect(good.out.match(/ ready /g)).toHaveLength(5);
    const problem = { code: 'service.not-ready', detail: 'not ready: kafka, log' };
    server.on('GET /health/ready', (_, response) => json(response, 503, problem));
    const bad = await server.run('status', '--json');
    expect(bad.code).toBe(1);
    const audit = { service: 'audit', url: server.url, ready: false, missing: ['no kafka', 'no log'] };
    expect(JSON.parse(bad.out)).toMatchObject({ ready: false, services: expect.arrayContaining([audit]) });
  });

  it('says which do not answer', async () => {
    // A port that nobody is given.
    server.extra = { urls: Object.fromEntries(serviceNames.map((name) => [name, 'http://127.0.0.1:2'])) };
    const { code, out } = await server.run('status');
    expect(code).toBe(1);
    expect(out.match(/does not answer \(ECONNREFUSED\)/g)).toHaveLength(5);
  });
});

describe('tokens', () => {
  it('are printed alone', async () => {
    expect(await server.run('token', 'water-system')).toEqual({ code: 0, out: 'token-1\n', err: '' });
  });

  it('are asked for once, by several callers at once too, and again when they end', async () => {
    const client = new Client(`${server.url}/oidc/token`, { a: 's', b: 's' });
    const three = [client.token('a'), client.token('a'), client.token('b')];
    expect(await Promise.all(three)).toEqual(['token-1', 'token-1', 'token-2']);
    server.on('POST /oidc/token', (_, response) => {
      server.tokens += 1;
      json(response, 200, { access_token: `short-${server.tokens}`, expires_in: 0 });
    });
    const short = new Client(`${server.url}/oidc/token`, { a: 's' });
    expect([await short.token('a'), await short.token('a')]).toEqual(['short-3', 'short-4']);
  });

  it('that the issuer refuses are told, and tried anew the next time', async () => {
    let isOpen = false;
    server.on('POST /oidc/token', ({ headers }, response) => {
      expect(headers.authorization).toBe(`Basic ${Buffer.from('a:s').toString('base64')}`);
      if (isOpen) json(response, 200, { access_token: 'good', expires_in: 600 });
      else json(response, 401, { error: 'invalid_client', error_description: 'client authentication failed' });
    });
    const client = new Client(`${server.url}/oidc/token`, { a: 's' });
    await expect(client.token('a')).rejects.toThrow('no token for `a`: client authentication failed');
    isOpen = true;
    expect(await client.token('a')).toBe('good');
  });
});

describe('an issuer of its own', () => {
  it('gives the tokens where its metadata says', async () => {
    server.extra = { issuer: `${server.url}/realm` };
    server.on('GET /realm/.well-known/openid-configuration', (_, response) =>
      json(response, 200, { issuer: `${server.url}/realm`, jwks_uri: 'unused', token_endpoint: `${server.url}/ask` }),
    );
    server.on('POST /ask', (_, response) => json(response, 200, { access_token: 'of-the-realm', expires_in: 600 }));
    expect(await server.run('token', 'water-system')).toEqual({ code: 0, out: 'of-the-realm\n', err: '' });
  });

  it('that is wrong or away is told in one line', async () => {
    server.extra = { issuer: 'planted' };
    expect((await server.run('token', 'water-system')).err).toMatch(/lacks issuer; [^\n]+\n$/);
    server.extra = { issuer: `${server.url}/realm` };
    server.on('GET /realm/', (_, response) => json(response, 200, { issuer: 'https://elsewhere.test' }));
    expect(await server.run('token', 'water-system')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^govbus: [^\n]+ \(the metadata is that of another issuer\); [^\n]+\n$/),
    });
  });
});

describe('progress', () => {
  it('is a line now and then where nobody watches', () => {
    const written: string[] = [];
    const err = new Writable({ write: (chunk, _encoding, done) => done(void written.push(String(chunk))) });
    const often = new Progress({ err }, 'publishing', 0);
    often.update(1, 3, '100 rows');
    often.stop();
    const seldom = new Progress({ err }, 'publishing', 60_000);
    seldom.update(2, 3, '200 rows');
    expect(written).toEqual(['govbus: publishing 33 %, 100 rows\n']);
  });
});

describe('must', () => {
  it('tries until it is good, takes a duplicate as good, and tells the last answer', async () => {
    let left = 2;
    server.on('POST /v1/things', (_, response) => {
      left -= 1;
      if (left >= 0) json(response, 404, { code: 'department.unknown', detail: 'not yet' });
      else json(response, 409, { code: 'thing.duplicate', thingId: 'x' });
    });
    const client = new Client(`${server.url}/oidc/token`, { a: 's' });
    expect(await client.must('a', 'POST', `${server.url}/v1/things`, {})).toMatchObject({ thingId: 'x' });
    const never = client.must('a', 'GET', `${server.url}/none`, undefined, undefined, 50);
    await expect(never).rejects.toThrow(/GET .*\/none as a: no such route \(route\.unknown\)/);
  });
});

describe('subscriptions', () => {
  const at = `/v1/subscriptions/${id}`;
  let acked: string[];
  let total: number;
  beforeEach(() => {
    acked = [];
    total = 5;
    server.on(`GET ${at}/events`, ({ url = '' }, response) => {
      const query = new URL(url, server.url).searchParams;
      const from = Number(query.get('cursor') ?? acked.at(-1) ?? 0);
      const to = Math.min(from + Number(query.get('limit')), total);
      const events = Array.from({ length: to - from }, (_, i) => ({ id: String(from + i + 1) }));
      json(response, 200, { events, nextCursor: String(to), hasMore: to < total });
    });
    server.on(`POST ${at}/ack`, (_, response, body) => {
      acked.push((JSON.parse(body) as { cursor: string }).cursor);
      json(response, 200, {});
    });
  });
  const read = (...more: string[]) =>
    server.run('subscriptions', 'read', id, '--as', 'water-system', '--limit', '2', ...more);
  const lines = (out: string): string[] =>
    out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);

  it('are read to their end, each page acknowledged once it is written', async () => {
    const { code, out } = await read();
    expect(code).toBe(0);
    expect(lines(out)).toEqual(['1', '2', '3', '4', '5']);
    expect(acked).toEqual(['2', '4', '5']);
    expect((await read()).out).toBe('');
  });

  it('are read without acknowledging when asked', async () => {
    expect(lines((await read('--no-ack')).out)).toEqual(['1', '2', '3', '4', '5']);
    expect(acked).toEqual([]);
  });

  it('are not acknowledged when the page could not be written', async () => {
    const out = (): Promise<void> => Promise.reject(new Error('disk full'));
    const answer = await server.runWith({ out }, 'subscriptions', 'read', id, '--as', 'water-system');
    expect(answer).toMatchObject({ code: 1, err: 'govbus: disk full\n' });
    expect(acked).toEqual([]);
  });

  it('are followed through an outage until they are to stop', async () => {
    const stop = new AbortController();
    const written: string[] = [];
    let acks = 0;
    const out = (text: string): Promise<void> => {
      written.push(...lines(text));
      total = 7;
      if (written.length >= 7) stop.abort();
      return Promise.resolve();
    };
    server.on(`POST ${at}/ack`, (_, response, body) => {
      acks += 1;
      if (acks === 1) return void response.destroy();
      acked.push((JSON.parse(body) as { cursor: string }).cursor);
      json(response, 200, {});
    });
    const follow = ['subscriptions', 'read', id, '--as', 'water-system', '--follow'];
    const { code, err } = await server.runWith({ out, stopSignal: () => stop.signal }, ...follow);
    expect(code).toBe(0);
    expect(written).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(acked).toEqual(['5', '7']);
    expect(err).toContain('the exchange is away');
  });

  it('are read when the exchange is away for a moment', async () => {
    let acks = 0;
    server.on(`POST ${at}/ack`, (_, response, body) => {
      acks += 1;
      if (acks === 1) return json(response, 503, { code: 'registry.stale', detail: 'catching up' });
      acked.push((JSON.parse(body) as { cursor: string }).cursor);
      json(response, 200, {});
    });
    const { code, out, err } = await read();
    expect({ code, ids: lines(out), acked }).toEqual({
      code: 0,
      ids: ['1', '2', '3', '4', '5'],
      acked: ['2', '4', '5'],
    });
    expect(err).toContain('waiting for it');
  });

  it('are not waited for when that would be in vain', async () => {
    let asked = 0;
    server.on(`GET ${at}/events`, (_, response) => {
      asked += 1;
      json(response, 429, { code: 'agreement.limit-reached', detail: 'tomorrow' }, { 'retry-after': '40000' });
    });
    const { code, err } = await read();
    expect({ code, asked }).toEqual({ code: 1, asked: 1 });
    expect(err).toMatch(/^govbus: .*tomorrow.*\n$/);
  });

  it('that were stopped are told why', async () => {
    const problem = { code: 'decision.denied', detail: 'the agreement is revoked' };
    server.on(`GET ${at}/events`, (_, response) => json(response, 403, problem));
    expect(await read()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/cannot be read: the agreement is revoked \(decision\.denied\); .+\n$/),
    });
  });

  it('are listed through all pages, and created', async () => {
    const one = {
      subscriptionId: id,
      datasetId: 'd',
      purpose: 'p',
      mode: 'pull',
      status: 'stopped',
      stopReason: 'agreement.revoked',
    };
    const row = { ...one, ackedPosition: 3, lag: 4 };
    server.on('GET /v1/subscriptions?limit=500', (_, response) =>
      json(response, 200, { items: [row], nextCursor: 'x+y' }),
    );
    server.on('GET /v1/subscriptions?limit=500&cursor=x%2By', (_, response) => json(response, 200, { items: [row] }));
    const { out } = await server.run('subscriptions', 'list', '--as', 'water-system');
    expect(out.trim().split('\n')).toHaveLength(3);
    expect(out).toContain('stopped (agreement.revoked)');
    let order: unknown;
    server.on('POST /v1/subscriptions', (_, response, body) => {
      order = JSON.parse(body);
      json(response, 201, row);
    });
    const made = await server.run(
      'subscriptions',
      'create',
      '--as',
      'water-system',
      '--agreement',
      id,
      '--purpose',
      'p',
      '--from',
      'now',
    );
    expect(made).toMatchObject({ code: 0, out: `${id}\n` });
    expect(order).toEqual({ agreementId: id, purpose: 'p', mode: 'pull', startFrom: 'now' });
  });
});
