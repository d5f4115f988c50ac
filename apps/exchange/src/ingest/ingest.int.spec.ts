import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { type Caller, consumer, event, Exchange, marker, provider } from '../exchange.int.spec';

let exchange: Exchange;
let publisher: Caller;

beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
}, 60_000);
afterAll(() => exchange.stop());

const statusOf = (source: string, id: string, caller = publisher) =>
  exchange.call('GET', `/v1/events/status?source=${encodeURIComponent(source)}&id=${id}`, caller);

describe('publishing', () => {
  it('accepts an event, which is then in the ledger', async () => {
    const { datasetId } = await exchange.dataset();
    const accepted = await exchange.publish(publisher, event(datasetId, 'a'));
    expect(accepted).toMatchObject({
      status: 202,
      body: { id: 'a', source: `/tests/${datasetId}`, dataset: datasetId, status: 'accepted' },
    });
    await exchange.ledgerAt(datasetId, 1);
    expect((await statusOf(`/tests/${datasetId}`, 'a')).body).toMatchObject({
      status: 'stored',
      datasetId,
      position: 1,
    });
    const ledger = await exchange.call('GET', `/v1/datasets/${datasetId}/ledger`, publisher);
    const counts = { firstPosition: 1, lastPosition: 1, events: 1, records: 1, conflicts: 0 };
    expect(ledger.body).toEqual({ datasetId, ...counts });
  });

  it('takes the good events of a batch and names the bad one', async () => {
    const { datasetId } = await exchange.dataset();
    const bad = event(datasetId, '2', { key: 7 });
    const answer = await exchange.publishBatch(publisher, [event(datasetId, '1'), bad, event(datasetId, '3')]);
    expect(answer).toMatchObject({ status: 207, body: { accepted: 2, refused: 1 } });
    expect(answer.body.results).toEqual([
      { index: 0, id: '1', status: 'accepted' },
      {
        index: 1,
        id: '2',
        status: 'refused',
        problem: expect.objectContaining({
          code: 'schema.violated',
          faults: [{ pointer: '/data/key', code: 'type', detail: expect.any(String) }],
        }),
      },
      { index: 2, id: '3', status: 'accepted' },
    ]);
    await exchange.ledgerAt(datasetId, 2);
    const refusals = (await exchange.entries(datasetId)).filter((entry) => entry.action === 'refuse');
    expect(refusals).toMatchObject([{ code: 'schema.violated', records: 1, outcome: 'refused' }]);
  });

  it('writes one audit entry for the refusals of one kind in a request', async () => {
    const { datasetId } = await exchange.dataset();
    const events = Array.from({ length: 50 }, (_, i) => event(datasetId, String(i), { area: 1 }));
    expect(await exchange.publishBatch(publisher, events)).toMatchObject({ status: 207, body: { refused: 50 } });
    expect(await exchange.entries(datasetId)).toMatchObject([{ code: 'schema.violated', records: 50 }]);
  });

  it('takes a batch of no events', async () => {
    for (const query of ['', '?atomic=true']) {
      const type = 'application/cloudevents-batch+json';
      const { status, body } = await exchange.call('POST', `/v1/events${query}`, publisher, [], type);
      expect([status, body]).toEqual([202, { accepted: 0, refused: 0, results: [] }]);
    }
  });

  it('knows the schema version an event asks for', async () => {
    const v2 = { type: 'object', required: ['key', 'colour'] };
    const v1 = { type: 'object', required: ['key'] };
    const schemas = [
      { schemaVersion: 1, schema: v1 },
      { schemaVersion: 2, schema: v2 },
    ];
    const { datasetId } = await exchange.dataset({ schemas });
    const asking = (version: number) => ({
      ...event(datasetId, `v${version}`),
      dataschema: `urn:govbus:${datasetId}:${version}`,
    });
    expect((await exchange.publish(publisher, asking(1))).status).toBe(202);
    expect((await exchange.publish(publisher, event(datasetId, 'newest'))).body.code).toBe('schema.violated');
    expect((await exchange.publish(publisher, asking(3))).body.code).toBe('event.invalid');
  });

  it('hears of a new publisher and of a retired dataset', async () => {
    const dataset = await exchange.dataset();
    const helper = await exchange.system(consumer, ['events:publish']);
    const { datasetId } = dataset;
    expect((await exchange.publish(helper, event(datasetId, '1'))).status).toBe(403);
    await exchange.dataset({ ...dataset, publishers: [helper.id], version: 2 });
    await exchange.reloaded(datasetId, 2);
    expect((await exchange.publish(helper, event(datasetId, '1'))).status).toBe(202);
    await exchange.dataset({ ...dataset, publishers: [helper.id], status: 'retired', version: 3 });
    await exchange.reloaded(datasetId, 3);
    expect((await exchange.publish(helper, event(datasetId, '2'))).status).toBe(403);
  });
});

describe('refusals', () => {
  const one = 'application/cloudevents+json';
  const many = 'application/cloudevents-batch+json';
  let datasetId: string;
  beforeAll(async () => ({ datasetId } = await exchange.dataset()));

  const good = (): Record<string, unknown> => event(datasetId, randomUUID());
  const deep = () => ({ ...good(), data: { key: 'k', area: 'x', deep: JSON.parse('['.repeat(40) + ']'.repeat(40)) } });
  const cases: [string, number, string, () => unknown][] = [
    ['body.malformed', 400, one, () => `{"id": ${marker}`],
    ['body.malformed', 400, many, () => `[{"id": ${marker}`],
    ['body.too-large', 413, one, () => ({ ...good(), data: { key: marker.repeat(20_000) } })],
    ['body.too-large', 413, many, () => `["${marker.repeat(500_000)}"]`],
    ['body.too-deep', 400, one, deep],
    ['media-type.unsupported', 415, 'text/xml', () => `<${marker}/>`],
    ['event.invalid', 400, one, () => ({ ...good(), source: undefined, note: { marker } })],
    ['event.invalid', 400, one, () => JSON.stringify(good()).replace('"key":', '"__proto__":{"admin":1},"key":')],
    ['event.invalid', 400, one, () => ({ ...good(), data: { key: `${marker}\u0000`, area: 'x' } })],
    ['event.invalid', 400, many, () => ({})],
    ['dataset.unknown', 404, one, () => ({ ...good(), dataset: 'no-such-dataset' })],
    ['schema.violated', 400, one, () => ({ ...good(), data: { key: marker, area: { marker } } })],
    ['schema.violated', 400, one, () => ({ ...good(), data: { key: '', area: 'x' } })],
    ['batch.too-long', 400, many, () => Array(1001).fill({})],
  ];

  it.each(cases)('%s: %i for %s', async (code, status, type, body) => {
    const answer = await exchange.call('POST', '/v1/events', publisher, body(), type);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer).toMatchObject({ status, body: { status, code, type: `urn:govbus:problem:${code}` } });
    expect(answer.body).toMatchObject({ title: expect.any(String), detail: expect.any(String) });
    const traceId = String(answer.body.traceId);
    const recorded = (await exchange.entries()).find((entry) => entry.entity === `request:${traceId}`);
    expect(recorded?.traceId).toBe(traceId);
    expect(recorded).toMatchObject({
      action: 'refuse',
      code,
      operation: 'events:publish',
      actor: { id: publisher.id },
    });
    expect(JSON.stringify(answer.body)).not.toContain(marker);
    expect(await exchange.outboxText()).not.toContain(marker);
  });

  it('decision.denied: 403 for a system that may not publish there, with the explanation', async () => {
    const outsider = await exchange.system(consumer, ['events:publish']);
    const answer = await exchange.publish(outsider, good());
    expect(answer).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    expect(answer.body.explanation).toMatchObject({ code: expect.any(String) });
    const denied = (await exchange.entries(datasetId)).filter((entry) => entry.outcome === 'denied');
    expect(denied).toMatchObject([{ code: 'decision.denied', actor: { id: outsider.id, department: consumer } }]);
  });

  it('has the shape of every other route: no token, no scope', async () => {
    const reader = await exchange.system(provider, ['events:read']);
    const [here, there] = [await exchange.publish(undefined, good()), await exchange.call('GET', '/v1/subscriptions')];
    expect(here).toMatchObject({ status: 401, body: { code: 'token.missing' } });
    expect({ ...here.body, traceId: '' }).toEqual({ ...there.body, traceId: '' });
    expect(here.headers['www-authenticate']).toBe(there.headers['www-authenticate']);
    expect(await exchange.publish(reader, good())).toMatchObject({ status: 403, body: { code: 'scope.missing' } });
  });

  it('has the shape of every other route: another method', async () => {
    const answers = [];
    for (const method of ['GET', 'DELETE', 'OPTIONS'] as const) {
      const { statusCode, headers, body } = await exchange.app.inject({ method, url: '/v1/events' });
      answers.push({ statusCode, allow: headers.allow, code: (JSON.parse(body) as { code: string }).code });
    }
    expect(answers).toEqual(Array(3).fill({ statusCode: 405, allow: 'POST', code: 'method.not-allowed' }));
  });

  it('answers 503 when the refusal itself cannot be recorded', async () => {
    await exchange.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    const answer = await exchange.publish(publisher, { ...good(), source: undefined });
    await exchange.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect(answer).toMatchObject({ status: 503, body: { code: 'audit.busy' }, headers: { 'retry-after': '1' } });
  });

  it('takes no more than it can hold, and says when to come again', async () => {
    const large = `["${'x'.repeat(7_900_000)}"]`;
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => exchange.call('POST', '/v1/events', publisher, large, many)),
    );
    const busy = answers.filter((answer) => answer.status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0]).toMatchObject({ body: { code: 'bus.busy' }, headers: { 'retry-after': '1' } });
    expect((await exchange.call('POST', '/v1/events', publisher, large, many)).status).not.toBe(503);
  });

  it('answers other departments that an event is unknown', async () => {
    await exchange.publish(publisher, { ...good(), id: 'mine' });
    const outsider = await exchange.system(consumer, ['events:publish']);
    expect((await statusOf(`/tests/${datasetId}`, 'mine', outsider)).body).toEqual({ status: 'unknown' });
    expect((await exchange.call('GET', `/v1/datasets/${datasetId}/ledger`, outsider)).status).toBe(403);
  });
});
