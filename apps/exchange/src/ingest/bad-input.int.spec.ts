import 'reflect-metadata';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Caller, event, Exchange, marker, provider } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;
let token: string;
let datasetId: string;

beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
  token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
  ({ datasetId } = await exchange.dataset());
  await exchange.app.listen(0, '127.0.0.1');
}, 60_000);
afterAll(() => exchange.stop());

/** Sends bytes as they are, over a connection of their own; the whole answer, empty when there is none within `idleMs`. */
async function exchangeBytes(head: string[], body: Buffer, idleMs = 25_000): Promise<string> {
  const { port } = exchange.app.getHttpServer().address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const answer: Buffer[] = [];
  // A server that refuses early may close before all is written.
  socket.on('error', () => undefined).on('data', (bytes) => answer.push(bytes));
  const lines = [
    'POST /v1/events HTTP/1.1',
    'host: bus',
    'connection: close',
    `authorization: Bearer ${token}`,
    ...head,
  ];
  socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
  socket.setTimeout(idleMs, () => socket.destroy());
  await new Promise((closed) => socket.once('close', closed));
  return Buffer.concat(answer).toString();
}

const structured = 'content-type: application/cloudevents+json';
const text = (over: object = {}): string => JSON.stringify({ ...event(datasetId, 'bad'), ...over });
const withData = (data: string): string => text().replace(/"data":\{.*\}\}$/, `"data":${data}}`);
const zipped = () => gzipSync(text());
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const invalidUtf8 = () => Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
const data = JSON.stringify({ key: 'k', area: 'north' });
/** The headers of an event in binary mode that lacks nothing, with these instead of its own. */
const binary = (over: Record<string, string> = {}, dataset = datasetId): string[] => [
  'content-type: application/json',
  ...Object.entries({
    'ce-specversion': '1.0',
    'ce-id': 'binary',
    'ce-source': `/tests/${dataset}`,
    'ce-type': 'animal.seen',
    'ce-dataset': dataset,
    ...over,
  }).map(([name, value]) => `${name}: ${value}`),
];

type Case = [name: string, refusal: string, head: () => string[], body: () => string | Buffer];
const cases: Case[] = [
  [
    'a cut-off gzip',
    '400 body.malformed',
    () => [structured, 'content-encoding: gzip'],
    () => zipped().subarray(0, -4),
  ],
  [
    'a gzip with a wrong checksum',
    '400 body.malformed',
    () => [structured, 'content-encoding: gzip'],
    () => Buffer.concat([zipped().subarray(0, -8), Buffer.alloc(8)]),
  ],
  ['text called gzip', '400 body.malformed', () => [structured, 'content-encoding: gzip'], () => text()],
  ['a gzip not called so', '400 body.malformed', () => [structured], zipped],
  ['two encodings', '415 media-type.unsupported', () => [structured, 'content-encoding: gzip, br'], zipped],
  ['deep JSON', '400 body.too-deep', () => [structured], () => withData(nested(50))],
  ['JSON of 40,000 levels', '400 body.too-deep', () => [structured], () => withData(nested(40_000))],
  [
    '`__proto__`',
    '400 event.invalid',
    () => [structured],
    () => withData('{"key":"k","area":"a","__proto__":{"admin":true}}'),
  ],
  [
    '`__proto__` as an attribute',
    '400 event.invalid',
    () => [structured],
    () => text().replace('{', '{"__proto__":{"id":"x"},'),
  ],
  ['bytes that are not UTF-8', '400 body.malformed', () => [structured], invalidUtf8],
  ['U+0000 as an escape', '400 event.invalid', () => [structured], () => withData('{"key":"k\\u0000","area":"a"}')],
  ['a byte of zero', '400 body.malformed', () => [structured], () => withData('{"key":"k\0","area":"a"}')],
  ['an infinite number', '400 event.invalid', () => [structured], () => withData('{"key":"k","area":"a","n":1e999}')],
  [
    'an integer beyond 2^53',
    '400 event.invalid',
    () => [structured],
    () => withData('{"key":"k","area":"a","n":12345678901234567890}'),
  ],
  [
    'a number of 100,000 digits',
    '400 event.invalid',
    () => [structured],
    () => withData(`{"key":"k","area":"a","n":${'9'.repeat(100_000)}}`),
  ],
  ['another charset', '415 media-type.unsupported', () => [`${structured}; charset=iso-8859-1`], () => text()],
  ['a charset that is none', '415 media-type.unsupported', () => [`${structured}; charset="`], () => text()],
  ['a content type of nonsense', '415 media-type.unsupported', () => ['content-type: ;;;='], () => text()],
  ['no content type', '415 media-type.unsupported', () => [], () => text()],
  [
    'a batch inside a batch',
    '207 event.invalid',
    () => ['content-type: application/cloudevents-batch+json'],
    () => `[[${text()}]]`,
  ],
  [
    'a header that is not UTF-8 in its escapes',
    '400 event.invalid /subject',
    () => binary({ 'ce-subject': '%C0%A0' }),
    () => data,
  ],
  ['a header twice', '400 event.invalid /id', () => [...binary(), 'ce-id: 2'], () => data],
  ['a header of raw bytes', '400 event.invalid /subject', () => binary({ 'ce-subject': '\xff\xfe\x80' }), () => data],
  ['a source with a space', '400 event.invalid', () => [structured], () => text({ source: '/a b' })],
  [
    'a source with a space in a header',
    '400 event.invalid /source',
    () => binary({ 'ce-source': '/a%20b' }),
    () => data,
  ],
  ['30 February', '400 event.invalid', () => [structured], () => text({ time: '2026-02-30T00:00:00Z' })],
  ['a classified event', '400 event.invalid', () => [structured], () => text({ dataclassification: 'internal' })],
  ['a claim check', '400 event.invalid', () => [structured], () => text({ dataref: 'https://example.org/1' })],
  ['an empty key', '400 event.invalid', () => [structured], () => text({ partitionkey: '' })],
  ['an expiry that is no time', '400 event.invalid', () => [structured], () => text({ expirytime: 'soon' })],
  ['data in a header', '400 event.invalid /data', () => binary({ 'ce-data': '{}' }), () => data],
];

describe('bad input', () => {
  it.each(cases)('%s is %s', async (_, refusal, head, body) => {
    const bytes = Buffer.from(body());
    const answer = await exchangeBytes([`content-length: ${bytes.length}`, ...head()], bytes);
    const [status, code, pointer] = refusal.split(' ');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
    // Only what is wrong with it is named.
    if (pointer) expect(answer.match(/"pointer":"[^"]*"/g)).toEqual([`"pointer":"${pointer}"`]);
    expect(answer).not.toContain(marker);
  });

  it('of two members with one name the last counts, for the checks and for the ledger', async () => {
    const { datasetId: dataset } = await exchange.dataset();
    const twice = JSON.stringify(event(dataset, 'last')).replace('{', '{"id":"first","dataset":"no-such-dataset",');
    const answer = await exchangeBytes([structured, `content-length: ${Buffer.byteLength(twice)}`], Buffer.from(twice));
    expect(answer).toContain(`"id":"last"`);
    await exchange.ledgerAt(dataset, 1);
  });

  it.each([
    ['of raw UTF-8', '动物 €', (text: string) => Buffer.from(text).toString('latin1')],
    ['of Latin-1', 'Über', (text: string) => text],
  ])('a `ce-` header %s is taken over a connection, and kept as it was', async (_, subject, bytesOf) => {
    const { datasetId: dataset } = await exchange.dataset();
    const head = [...binary({ 'ce-subject': bytesOf(subject) }, dataset), `content-length: ${data.length}`];
    expect(await exchangeBytes(head, Buffer.from(data))).toMatch(/^HTTP\/1\.1 202 /);
    await exchange.ledgerAt(dataset, 1);
    const [row] = await exchange.db.query<{ attributes: string }[]>(
      'SELECT attributes FROM events WHERE dataset_id = $1',
      [dataset],
    );
    expect(JSON.parse(row?.attributes ?? '')).toMatchObject({ subject });
  });

  it.each([
    ['a body shorter than its length', [structured, 'content-length: 999999'], '{"id":'],
    ['a length that is no number', [structured, 'content-length: many'], '{}'],
    ['two lengths', [structured, 'content-length: 2', 'content-length: 3'], '{}'],
    ['a length and chunks', [structured, 'content-length: 2', 'transfer-encoding: chunked'], '0\r\n\r\n'],
    ['a chunk that is none', [structured, 'transfer-encoding: chunked'], 'zz\r\n{}'],
    [
      'a stream of which a chunk is none',
      ['content-type: application/x-ndjson', 'transfer-encoding: chunked'],
      'zz\r\n',
    ],
    ['a header of 10 MiB', [structured, `ce-note: ${'x'.repeat(10 * 1024 * 1024)}`], '{}'],
  ])('%s harms nobody', async (_, head, body) => {
    const answer = await exchangeBytes(head, Buffer.from(body), 5_000);
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await exchange.publish(publisher, event(datasetId, 'good'))).status).toBe(202);
  });
});
