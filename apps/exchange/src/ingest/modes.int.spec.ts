import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { maxEventBytes } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { type Caller, event, Exchange, marker, provider } from '../exchange.int.spec';
import { InboxIntake } from './inbox-intake';
import { maxBatchBytes } from './ingest.route';

let exchange: Exchange;
let publisher: Caller;
let datasetId: string;

beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
  ({ datasetId } = await exchange.dataset());
}, 60_000);
afterAll(() => exchange.stop());

const structured = 'application/cloudevents+json';
const batch = 'application/cloudevents-batch+json';
const good = (): Record<string, unknown> => event(datasetId, randomUUID());

async function post(headers: Record<string, string>, payload: string | Buffer, query = '') {
  const token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
  const url = `/v1/events${query}`;
  const response = await exchange.app.inject({
    method: 'POST',
    url,
    headers: { authorization: `Bearer ${token}`, ...headers },
    payload,
  });
  return { status: response.statusCode, headers: response.headers, body: response.json<Record<string, unknown>>() };
}

const recordedFor = async (traceId: unknown) =>
  (await exchange.entries()).filter((entry) => entry.entity === `request:${String(traceId)}`);

describe('binary mode', () => {
  const headersOf = (over: Record<string, string> = {}): Record<string, string> => ({
    'content-type': 'application/json; charset=utf-8',
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-source': `/tests/${datasetId}`,
    'ce-type': 'animal.seen',
    'ce-dataset': datasetId,
    ...over,
  });
  const data = JSON.stringify({ key: 'k', area: 'north' });

  it('takes attributes from headers, percent-decoded, and the body as data', async () => {
    const dataset = await exchange.dataset();
    const headers = headersOf({ 'ce-dataset': dataset.datasetId, 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80' });
    expect(await post(headers, data)).toMatchObject({
      status: 202,
      body: { id: headers['ce-id'], source: headers['ce-source'], dataset: dataset.datasetId, status: 'accepted' },
    });
    await exchange.ledgerAt(dataset.datasetId, 1);
    expect(
      JSON.stringify(await exchange.db.query('SELECT * FROM events WHERE event_id = $1', [headers['ce-id']])),
    ).toContain('Euro € 😀');
  });

  it.each([
    ['escapes that are not UTF-8', { 'ce-subject': '%C0%A0' }, '/subject'],
    ['the content type as an attribute', { 'ce-datacontenttype': 'application/json' }, '/datacontenttype'],
    ['a version of its own', { 'ce-specversion': '0.3' }, '/specversion'],
    ['a dataset that is no slug', { 'ce-dataset': 'No%20Slug' }, '/dataset'],
    ['U+0000', { 'ce-note': '%00' }, '/note'],
    ['the name of the prototype', { 'ce-__proto__': 'x' }, ''],
  ])('refuses %s', async (_, over, pointer) => {
    const answer = await post(headersOf(over), data);
    expect(answer).toMatchObject({ status: 400, body: { code: 'event.invalid' } });
    expect(answer.body.faults).toMatchObject([{ pointer }]);
    expect(await recordedFor(answer.body.traceId)).toMatchObject([{ code: 'event.invalid' }]);
  });

  it('refuses data that is no JSON object, and other content types', async () => {
    expect((await post(headersOf(), '"text"')).body).toMatchObject({
      code: 'event.invalid',
      faults: [{ pointer: '/data' }],
    });
    expect((await post(headersOf(), '{')).body).toMatchObject({ status: 400, code: 'body.malformed' });
    expect((await post(headersOf({ 'content-type': 'text/xml' }), '<a/>')).body).toMatchObject({ status: 415 });
  });

  it('is not meant by `ce-` headers beside a structured event', async () => {
    const sent = good();
    const headers = {
      'content-type': 'Application/CloudEvents+JSON; charset=UTF-8',
      'ce-id': 'other',
      'ce-subject': '%C0',
    };
    expect(await post(headers, JSON.stringify(sent))).toMatchObject({ status: 202, body: { id: sent.id } });
  });
});

describe('the same event in another mode', () => {
  const data = { key: 'k', area: 'north' };
  type Attributes = Record<string, string | number | boolean>;
  const prefixed = (prefix: string, attributes: Attributes) =>
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`${prefix}${name}`, String(value)]));
  const asStructured = (attributes: Attributes) =>
    post({ 'content-type': structured }, JSON.stringify({ ...attributes, data }));
  const asBinary = (attributes: Attributes, type: string) =>
    post({ ...prefixed('ce-', attributes), 'content-type': type }, JSON.stringify(data));
  const byKafka = (attributes: Attributes, type: Record<string, string>) => {
    const headers = Object.entries({ ...prefixed('ce_', attributes), ...type });
    const message = {
      ...{ offset: 0n, key: null, timestamp: 0, value: Buffer.from(JSON.stringify(data)) },
      headers: headers.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
    };
    return exchange.app.get(InboxIntake).take(`inbox.${publisher.id}`, 0, [message]);
  };
  const modes: ((attributes: Attributes) => Promise<unknown>)[] = [
    asStructured,
    (attributes) => asStructured({ ...attributes, datacontenttype: 'application/json' }),
    (attributes) => asBinary(attributes, 'application/json'),
    (attributes) => asBinary(attributes, 'application/json; charset=utf-8'),
    (attributes) => byKafka(attributes, { 'content-type': 'application/json' }),
    (attributes) => byKafka(attributes, {}),
  ];

  it.each([
    ['of strings', { note: '3' }],
    ['with an integer and booleans', { count: -3, ok: true, zulu: false }],
    ['that removes a record', { tombstone: true, count: 1 }],
  ])('is a duplicate and no conflict: %s', async (_, extensions: Attributes) => {
    const dataset = await exchange.dataset();
    const [id, source] = [randomUUID(), '/tests/modes'];
    const attributes = {
      specversion: '1.0',
      id,
      source,
      type: 'animal.seen',
      dataset: dataset.datasetId,
      ...extensions,
    };
    for (const send of modes) await send(attributes);
    const status = () => exchange.call('GET', `/v1/events/status?source=${source}&id=${id}`, publisher);
    const duplicates = modes.length - 1;
    await eventually(async () => expect((await status()).body).toMatchObject({ status: 'stored', duplicates }), 20_000);
    expect(await exchange.db.query('SELECT 1 FROM event_conflicts WHERE event_id = $1', [id])).toEqual([]);
  });

  it('is stored as it was sent first', async () => {
    const dataset = await exchange.dataset();
    const id = randomUUID();
    const attributes = { specversion: '1.0', id, source: '/tests', type: 't', dataset: dataset.datasetId, count: 3 };
    await asStructured({ ...attributes, datacontenttype: 'application/json' });
    await exchange.ledgerAt(dataset.datasetId, 1);
    const [row] = await exchange.db.query<{ attributes: string }[]>(
      'SELECT attributes FROM events WHERE event_id = $1',
      [id],
    );
    expect(JSON.parse(row?.attributes ?? '')).toMatchObject({ count: 3, datacontenttype: 'application/json' });
  });
});

describe('compression', () => {
  const zipped = (encoding = 'gzip') => ({ 'content-type': structured, 'content-encoding': encoding });

  it('is undone in every mode', async () => {
    expect(await post(zipped(), gzipSync(JSON.stringify(good())))).toMatchObject({ status: 202 });
    const many = gzipSync(JSON.stringify([good(), good()]));
    expect(await post({ ...zipped(), 'content-type': batch }, many)).toMatchObject({
      status: 202,
      body: { accepted: 2 },
    });
  });

  it.each([
    ['an event', structured, maxEventBytes],
    ['a batch', batch, maxBatchBytes],
  ])('%s that inflates beyond its bound is 413', async (_, type, bound) => {
    const bomb = gzipSync(Buffer.alloc(bound + 1, ' '));
    const answer = await post({ ...zipped(), 'content-type': type }, bomb);
    expect(answer).toMatchObject({ status: 413, body: { code: 'body.too-large' } });
    expect(await recordedFor(answer.body.traceId)).toMatchObject([{ code: 'body.too-large' }]);
  });

  it('of another kind is 415 and says what is taken', async () => {
    expect(await post(zipped('zstd'), 'x')).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'gzip, deflate, br' },
    });
  });
});

describe('all or nothing', () => {
  const mixed = () => [good(), { ...good(), data: { key: marker, area: 1 } }, good()];

  it.each([
    ['?atomic=true', {}],
    ['', { prefer: 'return=minimal, handling=strict' }],
  ])('sends none of a batch when one is refused: `%s` %o', async (query, headers) => {
    const dataset = await exchange.dataset();
    const events = mixed().map((one) => ({ ...one, dataset: dataset.datasetId }));
    const answer = await post({ 'content-type': batch, ...headers }, JSON.stringify(events), query);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'batch.refused', type: 'urn:govbus:problem:batch.refused' },
    });
    expect(answer.headers['preference-applied']).toBe('prefer' in headers ? 'handling=strict' : undefined);
    expect(answer.body.results).toMatchObject([
      { index: 0, status: 'withheld' },
      { index: 1, status: 'refused', problem: { code: 'schema.violated' } },
      { index: 2, status: 'withheld' },
    ]);
    expect(await recordedFor(answer.body.traceId)).toMatchObject([{ code: 'schema.violated', records: 1 }]);
    // One more to the same partition, behind which the withheld ones would have come.
    expect(await exchange.publish(publisher, event(dataset.datasetId, 'last'))).toMatchObject({ status: 202 });
    await exchange.ledgerAt(dataset.datasetId, 1);
  });

  it('sends a batch in which all are good, and says that it heeded the preference', async () => {
    const answer = await post({ 'content-type': batch, prefer: 'handling=strict' }, JSON.stringify([good()]));
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, refused: 0 } });
    expect(answer.headers['preference-applied']).toBe('handling=strict');
  });

  it('refuses a word that is neither true nor false', async () => {
    const answer = await post({ 'content-type': batch }, JSON.stringify([good()]), '?atomic=perhaps');
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });
});
