import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { agreeOn, eventOf, eventually, newDataset, publish, subscribe } from './dataset';
import { type Answer, type Items, type ProblemBody, RunningCity } from './running-city';

const city = RunningCity.shared();
const dir = mkdtempSync(join(tmpdir(), 'govbus-bad-input-'));
let datasetId: string;

beforeAll(async () => {
  datasetId = await newDataset(city);
  await publish(city, datasetId, [{ reportId: 'first', category: 'noise' }]);
  await grown(1, 0);
});

const good = (id: string) => eventOf(datasetId, { reportId: id, category: 'noise' });
const events = (): string => `${city.url('exchange')}/v1/events`;
const deep = (levels: number): unknown => Array.from({ length: levels }).reduce((inner) => ({ a: inner }), 1);
const post = async <T = ProblemBody>(body: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> =>
  city.send('POST', events(), body, {
    authorization: `Bearer ${await city.token('reports-system')}`,
    'content-type': 'application/cloudevents+json',
    ...headers,
  });
type Receipt = { accepted: number; refused: number; results: { status: string; index: number }[] };
type Ledger = { events: number };
const count = async (): Promise<number> =>
  (await city.call<Ledger>('reports-system', 'GET', `${city.url('exchange')}/v1/datasets/${datasetId}/ledger`)).body
    .events;
const grown = async (by: number, before: number) => eventually(async () => expect(await count()).toBe(before + by));
const batch = { 'content-type': 'application/cloudevents-batch+json' };

describe('an event', () => {
  it.each<[string, () => Promise<Answer>, number, string]>([
    ['that is no JSON', () => post('{"specversion": "1.0"'), 400, 'body.malformed'],
    ['that is empty', () => post(''), 400, 'body.malformed'],
    ['of an unknown dataset', () => post({ ...good('x'), dataset: 'nowhere' }), 404, 'dataset.unknown'],
    ['without an id', () => post({ ...good('x'), id: undefined }), 400, 'event.invalid'],
    ['that breaks its schema', () => post(eventOf(datasetId, { reportId: 'x', category: 7 })), 400, 'schema.violated'],
    [
      'that is too large',
      () => post(eventOf(datasetId, { reportId: 'x', category: 'a'.repeat(300_000) })),
      413,
      'body.too-large',
    ],
    ['that is too deep', () => post(eventOf(datasetId, { reportId: 'x', category: deep(40) })), 400, 'body.too-deep'],
    ['of another content type', () => post('<a/>', { 'content-type': 'text/xml' }), 415, 'media-type.unsupported'],
    ['with a wrong token', () => post(good('x'), { authorization: 'Bearer x.y.z' }), 401, 'token.invalid'],
    ['without a token', () => post(good('x'), { authorization: '' }), 401, 'token.missing'],
    ['in a batch that is none', () => post(good('x'), batch), 400, 'event.invalid'],
  ])('%s', async (_what, ask, status, code) => {
    const answer = await ask();
    expect(answer).toMatchObject({
      status,
      body: { status, code, detail: expect.any(String), traceId: expect.any(String) },
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('in an empty batch is none, and nothing is wrong with it', async () => {
    expect(await post([], batch)).toMatchObject({ status: 202, body: { accepted: 0, refused: 0, results: [] } });
  });

  it('says where a payload breaks its schema, and never with what', async () => {
    const { body } = await post(eventOf(datasetId, { reportId: 'x', category: 'secret-value-7'.repeat(20) }));
    expect(body.faults).toEqual([expect.objectContaining({ pointer: '/data/category' })]);
    expect(JSON.stringify(body)).not.toContain('secret-value-7');
  });

  it('may not carry a prototype into the bus, and of a double key the last value alone', async () => {
    const dataset = await newDataset(city);
    const subscription = await subscribe(city, await agreeOn(city, dataset), 'pull');
    await publish(city, dataset, [{ reportId: 'known', category: 'noise' }]);
    const textOf = (id: string, data: string): string => {
      const text = JSON.stringify(eventOf(dataset, { reportId: id })).replace(
        /"data":\{[^{}]*\}\}$/,
        `"data":${data}}`,
      );
      expect(text).toContain(data);
      return text;
    };
    const prototype = await post(textOf('p', '{"reportId":"p","category":"n","__proto__":{"a":1}}'));
    expect(prototype).toMatchObject({ status: 400, body: { code: 'event.invalid', faults: [{ pointer: '/data' }] } });
    expect(await post(textOf('x', '{"reportId":"x","category":"a","category":"b"}'))).toMatchObject({ status: 202 });
    type Page = { events: { data: Record<string, unknown> }[] };
    const url = `${city.url('exchange')}/v1/subscriptions/${subscription}/events`;
    await eventually(async () => {
      const { body } = await city.call<Page>('water-system', 'GET', url);
      expect(body.events.map(({ data }) => data)).toEqual([
        { reportId: 'known', category: 'noise' },
        { reportId: 'x', category: 'b' },
      ]);
    });
  });

  it('is refused by name with its place in the batch, and the good ones are kept', async () => {
    const bad = eventOf(datasetId, { reportId: 'bad', category: 7 });
    const before = await count();
    const list = [good('good-1'), bad, good('good-2'), 'no event'];
    const { status, body } = await post<Receipt>(list, batch);
    expect({ status, accepted: body.accepted, refused: body.refused }).toEqual({
      status: 207,
      accepted: 2,
      refused: 2,
    });
    expect(body.results.map((result) => result.status)).toEqual(['accepted', 'refused', 'accepted', 'refused']);
    expect(body.results[1]).toMatchObject({ index: 1, id: 'bad', problem: { code: 'schema.violated' } });
    await grown(2, before);
  });

  it('leaves the audit log its refusal and nothing of its payload', async () => {
    const marker = `marker-${Date.now()}`;
    await post(eventOf(datasetId, { reportId: marker, category: 7 }));
    const entries = await eventually(async () => {
      const url = `${city.url('audit')}/v1/entries?datasetId=${datasetId}&action=refuse&limit=100`;
      const { body } = await city.call<Items<object>>('auditor', 'GET', url);
      expect(body.items.length).toBeGreaterThanOrEqual(4);
      return body.items;
    });
    expect(entries[0]).toMatchObject({ outcome: 'refused', code: expect.any(String), actor: { id: 'reports-system' } });
    expect(JSON.stringify(entries) + city.logs()).not.toContain(marker);
  });

  it('is taken compressed', async () => {
    const before = await count();
    const { status } = await post(gzipSync(JSON.stringify(good('zip'))), { 'content-encoding': 'gzip' });
    expect(status).toBe(202);
    await grown(1, before);
  });
});

it('refuses a token that was made for another audience, and an expired one, on every service', async () => {
  const [header, claims] = (await city.token('reports-system')).split('.');
  const decoded = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()) as object;
  for (const change of [{ aud: 'elsewhere' }, { exp: 1 }]) {
    const forged = Buffer.from(JSON.stringify({ ...decoded, ...change })).toString('base64url');
    for (const path of [
      `${city.url('departments')}/v1/systems`,
      `${city.url('data-catalog')}/v1/datasets`,
      `${city.url('case-routing')}/v1/cases`,
      `${city.url('audit')}/v1/entries`,
    ]) {
      const answer = await city.send('GET', path, undefined, { authorization: `Bearer ${header}.${forged}.AAAA` });
      expect(answer).toMatchObject({ status: 401, body: { code: 'token.invalid' } });
    }
  }
});

it('refuses unknown fields in what administrators send, naming them', async () => {
  const order = {
    systemId: 'some-system',
    departmentCode: 'x',
    names: { en: 'x' },
    scopes: ['events:read'],
    isAdmin: true,
  };
  const { status, body } = await city.call<ProblemBody>(
    'govbus-admin',
    'POST',
    `${city.url('departments')}/v1/systems`,
    order,
  );
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'request.invalid' });
  expect(body.faults.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/isAdmin', '/departmentCode']));
});

describe('a CSV file', () => {
  const header = 'Number,Category,Phone\n';
  const map = () => ({
    dataset: datasetId,
    type: 'report.made',
    source: `/${datasetId}/csv`,
    id: '{Number}',
    data: { '/reportId': 'Number', '/category': 'Category', '/phone': 'Phone' },
  });
  const send = (name: string, content: string | Buffer, mapping: object = map()) => {
    writeFileSync(join(dir, `${name}.csv`), content);
    writeFileSync(join(dir, `${name}.json`), JSON.stringify(mapping));
    const refused = join(dir, `${name}-refused.csv`);
    const args = ['--csv', join(dir, `${name}.csv`), '--map', join(dir, `${name}.json`), '--refused', refused];
    return city.govbus('publish', ...args, '--as', 'reports-system');
  };

  it('with one bad row in a thousand loses that row alone, and names it', async () => {
    const before = await count();
    const rows = Array.from({ length: 1000 }, (_, n) => `csv-${n},${n === 499 ? 'x'.repeat(200) : 'noise'},1`);
    const { code, output } = await send('one-bad', header + rows.join('\n'));
    expect({ code, output }).toEqual({ code: 3, output: expect.stringContaining('999') });
    expect(readFileSync(join(dir, 'one-bad-refused.csv'), 'utf8')).toMatch(/^501,csv-499,schema\.violated/m);
    await grown(999, before);
  });

  it('with broken quoting keeps what stood before the fault, and says where it is', async () => {
    const before = await count();
    const { code, output } = await send('quotes', `${header}q-1,noise,1\nq-2,noise,1\nq-3,"noi"se,1\nq-4,noise,1\n`);
    expect(code).not.toBe(0);
    expect(output).toMatch(/line 4/);
    await grown(2, before);
  });

  it('in a wrong encoding, or without a column, is refused before anything of the fault is sent', async () => {
    const latin = await send('latin', Buffer.concat([Buffer.from(`${header}l-1,noise,`), Buffer.from([0xe9, 0x0a])]));
    expect(latin).toMatchObject({ output: expect.stringContaining('row.encoding') });
    expect(latin.code).not.toBe(0);
    const missing = await send('missing', `${header}m-1,noise,1\n`, { ...map(), data: { '/reportId': 'Nummer' } });
    expect(missing).toMatchObject({ output: expect.stringContaining('Nummer') });
    expect(missing.code).not.toBe(0);
  });
});
