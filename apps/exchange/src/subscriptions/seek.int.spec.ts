import 'reflect-metadata';
import type { DeliveredEvent } from '@govbus/contracts';
import { Changes } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { SUBSCRIPTIONS_CHANGED } from '../delivery/lease.sql';
import { Hooks } from '../delivery/hooks.int.spec';
import { type Caller, event, type Exchange, stranger } from '../exchange.int.spec';

let hooks: Hooks;
let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange, publisher, reader } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

async function filled(count: number) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId);
  const { agreementId } = agreement;
  for (let id = 1; id <= count; id += 1) {
    await exchange.publish(publisher, event(datasetId, String(id)));
    await exchange.ledgerAt(datasetId, id);
  }
  // Events of one millisecond would have one time of record.
  await exchange.db.query(
    `UPDATE events SET recorded_at = $2::timestamptz + position * interval '1 s' WHERE dataset_id = $1`,
    [datasetId, '2026-01-01T00:00:00Z'],
  );
  return { datasetId, agreement, order: { agreementId, purpose: 'case-handling', mode: 'pull' } };
}
const create = (order: object) => exchange.call('POST', '/v1/subscriptions', reader, order);
const seek = (id: string, to: unknown, caller = reader) =>
  exchange.call('POST', `/v1/subscriptions/${id}/seek`, caller, { to });
const pull = async (id: string, query = '') => {
  const { body } = await exchange.call('GET', `/v1/subscriptions/${id}/events${query}`, reader);
  return { ids: (body.events as DeliveredEvent[]).map((delivered) => delivered.id), cursor: body.nextCursor };
};
const ack = (id: string, cursor: unknown) => exchange.call('POST', `/v1/subscriptions/${id}/ack`, reader, { cursor });
const timeOf = async (datasetId: string, position: number) => {
  const rows = await exchange.db.query<{ recorded_at: Date }[]>(
    'SELECT recorded_at FROM events WHERE dataset_id = $1 AND position = $2',
    [datasetId, position],
  );
  return rows[0]?.recorded_at ?? new Date(0);
};

it('tells all processes when a subscription is made, sought, skipped, paused or resumed', async () => {
  const { order } = await filled(1);
  const heard: string[] = [];
  await exchange.app.get(Changes).on(SUBSCRIPTIONS_CHANGED, (id) => void heard.push(id));
  const id = String((await create({ ...order, startFrom: 'beginning' })).body.subscriptionId);
  const ask = (what: string, body: object) => exchange.call('POST', `/v1/subscriptions/${id}/${what}`, reader, body);
  const steps = [
    () => ask('skip', { count: 1, reason: 'not needed' }),
    () => seek(id, 'beginning'),
    () => ask('pause', {}),
    () => ask('resume', {}),
  ];
  for (const [i, step] of steps.entries()) {
    await eventually(() => expect(heard.filter((one) => one === id)).toHaveLength(i + 1));
    expect((await step()).status).toBe(200);
  }
  await eventually(() => expect(heard.filter((one) => one === id)).toHaveLength(steps.length + 1));
});

describe('where a subscription starts', () => {
  it('is a position, or the first event recorded at or after a time', async () => {
    const { datasetId, order } = await filled(3);
    const second = await timeOf(datasetId, 2);
    const justAfter = new Date(second.getTime() + 1).toISOString();
    for (const [startFrom, ids] of [
      [{ position: 3 }, ['3']],
      [{ position: 4 }, []],
      [{ time: second.toISOString() }, ['2', '3']],
      [{ time: justAfter }, ['3']],
      [{ time: '2000-01-01T00:00:00Z' }, ['1', '2', '3']],
      [{ time: '2099-01-01T00:00:00Z' }, []],
    ] as const) {
      const { status, body } = await create({ ...order, startFrom });
      expect(status).toBe(201);
      expect((await pull(String(body.subscriptionId))).ids).toEqual(ids);
    }
  });

  it('is never beyond the head, nor anything else', async () => {
    const { order } = await filled(1);
    expect(await create({ ...order, startFrom: { position: 3 } })).toMatchObject({
      status: 400,
      body: { code: 'position.beyond-head' },
    });
    for (const startFrom of ['end', { position: 0 }, { time: 'yesterday' }, undefined])
      expect(await create({ ...order, startFrom })).toMatchObject({
        status: 400,
        body: { code: 'request.invalid', faults: [{ pointer: '/startFrom' }] },
      });
  });
});

describe('seeking', () => {
  it('replays, skips, and leaves its record', async () => {
    const { datasetId, order } = await filled(3);
    const { body: made } = await create({ ...order, startFrom: 'beginning' });
    const id = String(made.subscriptionId);
    await ack(id, (await pull(id)).cursor);
    expect((await pull(id)).ids).toEqual([]);
    expect(await seek(id, 'beginning')).toMatchObject({ status: 200, body: { ackedPosition: 0, lag: 3, version: 2 } });
    expect((await pull(id)).ids).toEqual(['1', '2', '3']);
    expect((await seek(id, { position: 3 })).body).toMatchObject({ ackedPosition: 2, delivered: 3 });
    expect((await pull(id)).ids).toEqual(['3']);
    expect((await seek(id, { time: (await timeOf(datasetId, 2)).toISOString() })).body.ackedPosition).toBe(1);
    expect((await seek(id, 'now')).body).toMatchObject({ ackedPosition: 3, lag: 0, version: 5 });
    const entries = (await exchange.entries(datasetId)).filter(({ operation }) => operation === 'subscriptions:seek');
    expect(entries).toHaveLength(4);
    expect(entries[0]).toMatchObject({ action: 'administer', subscriptionId: id, actor: { id: reader.id } });
    // What comes again, or is passed over: from all three to none, to two, back to one, and to the end.
    const ranges = [
      { first: 1, last: 3 },
      { first: 1, last: 2 },
      { first: 2, last: 2 },
      { first: 2, last: 3 },
    ];
    expect(entries.map(({ positions }) => positions)).toEqual(expect.arrayContaining(ranges));
  });

  it('lets nothing be acknowledged that was not disclosed, nor a cursor be lost', async () => {
    const { order } = await filled(4);
    const { body: made } = await create({ ...order, startFrom: 'beginning' });
    const id = String(made.subscriptionId);
    const far = (await pull(id, '?limit=3')).cursor;
    await seek(id, 'beginning');
    expect(await ack(id, far)).toMatchObject({ status: 200, body: { ackedPosition: 3 } });
    const other = String((await create({ ...order, startFrom: 'beginning' })).body.subscriptionId);
    expect((await seek(other, { position: 3 })).body).toMatchObject({ ackedPosition: 2, delivered: 0 });
    const { ids, cursor } = await pull(other, '?limit=1');
    expect(ids).toEqual(['3']);
    expect(await ack(other, cursor)).toMatchObject({ status: 200, body: { ackedPosition: 3 } });
    expect(await ack(other, far)).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
  });

  it('is refused beyond the head, and to others', async () => {
    const { order } = await filled(1);
    const id = String((await create({ ...order, startFrom: 'beginning' })).body.subscriptionId);
    expect(await seek(id, { position: 3 })).toMatchObject({ status: 400, body: { code: 'position.beyond-head' } });
    expect(await seek(id, 'elsewhere')).toMatchObject({ status: 400, body: { faults: [{ pointer: '/to' }] } });
    const outsider = await exchange.system(stranger, ['events:read']);
    expect((await seek(id, 'now', outsider)).status).toBe(404);
    expect((await exchange.call('GET', `/v1/subscriptions/${id}`, reader)).body.version).toBe(1);
  });

  it('to a time, and skipping to one, tells nothing to those who may have no data', async () => {
    const { datasetId, agreement, order } = await filled(3);
    const id = String((await create({ ...order, startFrom: 'beginning' })).body.subscriptionId);
    const to = { time: (await timeOf(datasetId, 2)).toISOString() };
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    const skipped = await hooks.at(id, 'skip', { to, reason: 'not wanted' });
    for (const denied of [await seek(id, to), skipped])
      expect(denied).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    expect(await seek(id, 'now')).toMatchObject({ status: 200, body: { ackedPosition: 3 } });
    const outsider = await exchange.system(stranger, ['events:read']);
    expect(await seek(id, to, outsider)).toMatchObject({ status: 404, body: { code: 'subscription.unknown' } });
  });

  it('to a time while its agreement changes keeps neither waiting for the other', async () => {
    const { datasetId, agreement, order } = await filled(1);
    const id = String((await create({ ...order, startFrom: 'beginning' })).body.subscriptionId);
    const to = { time: (await timeOf(datasetId, 1)).toISOString() };
    for (let version = 2; version < 12; version += 1) {
      const changed = exchange.change({ ...agreement, status: version % 2 ? 'in-force' : 'suspended', version });
      const answers = await Promise.all([seek(id, to), seek(id, to)]);
      for (const { status } of answers) expect([200, 403]).toContain(status);
      await changed;
    }
  });

  it('sends a webhook what it had before, without counting it twice', async () => {
    const { order } = await filled(2);
    const receiver = await hooks.receiver();
    const webhook = { url: receiver.url };
    const { body: made } = await create({ ...order, mode: 'webhook', webhook, startFrom: 'beginning' });
    const id = String(made.subscriptionId);
    const view = async () => (await exchange.call('GET', `/v1/subscriptions/${id}`, reader)).body;
    await eventually(async () => expect(await view()).toMatchObject({ ackedPosition: 2, delivered: 2 }));
    await seek(id, 'beginning');
    await eventually(() => expect(receiver.ids).toEqual(['1', '2', '1', '2']));
    await eventually(async () => expect(await view()).toMatchObject({ ackedPosition: 2, delivered: 2 }));
    // Receivers drop ids that they know: what is replayed is another message.
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('counts what was skipped when it is replayed, and nothing twice', async () => {
    const { order } = await filled(4);
    const receiver = await hooks.receiver();
    const webhook = { url: receiver.url };
    const { body: made } = await create({ ...order, mode: 'webhook', webhook, startFrom: { position: 4 } });
    const { body: pulled } = await create({ ...order, startFrom: { position: 4 } });
    const [id, other] = [String(made.subscriptionId), String(pulled.subscriptionId)];
    await hooks.shows(id, { ackedPosition: 4, delivered: 1 });
    await pull(other);
    await hooks.shows(other, { delivered: 1 });
    for (const to of [{ position: 3 }, 'beginning', 'beginning']) {
      for (const one of [id, other]) await seek(one, to);
      await hooks.shows(id, { ackedPosition: 4 });
      await pull(other);
    }
    await hooks.shows(id, { delivered: 4, lastDeliveredAt: expect.any(String) });
    await hooks.shows(other, { delivered: 4, lastDeliveredAt: expect.any(String) });
  });

  it('is not undone by a page that was on its way', async () => {
    const { order } = await filled(2);
    const receiver = await hooks.receiver();
    receiver.isHolding = true;
    const webhook = { url: receiver.url };
    const { body: made } = await create({ ...order, mode: 'webhook', webhook, startFrom: { position: 2 } });
    const id = String(made.subscriptionId);
    await eventually(() => expect(receiver.ids).toEqual(['2']));
    await seek(id, 'beginning');
    receiver.release();
    await eventually(() => expect(receiver.ids).toEqual(['2', '1', '2']));
    await eventually(async () =>
      expect((await exchange.call('GET', `/v1/subscriptions/${id}`, reader)).body).toMatchObject({ ackedPosition: 2 }),
    );
  });
});

describe('skipping', () => {
  const skip = (id: string, order: object, caller = reader) => hooks.at(id, 'skip', order, caller);

  it('passes over an event that the receiver cannot take, with a reason that is kept', async () => {
    const { datasetId, order } = await filled(3);
    const receiver = await hooks.receiver();
    // Not for its content, after which it would soon be put aside.
    receiver.answerTo = (delivered) => (delivered.some(({ id }) => id === '2') ? { status: 404 } : undefined);
    const webhook = { url: receiver.url, maxEvents: 1 };
    const { body: made } = await create({ ...order, mode: 'webhook', webhook, startFrom: 'beginning' });
    const id = String(made.subscriptionId);
    await hooks.shows(id, { ackedPosition: 1, lastError: 'the receiver answered 404' });
    const { status, body } = await skip(id, { count: 1, reason: 'a field that is too long there' });
    expect([status, body]).toMatchObject([200, { ackedPosition: 2, attempts: 0, version: 2 }]);
    await hooks.shows(id, { ackedPosition: 3, delivered: 2 });
    const entries = (await exchange.entries(datasetId)).filter(({ operation }) => operation === 'subscriptions:skip');
    expect(entries).toMatchObject([
      { positions: { first: 2, last: 2 }, reason: 'a field that is too long there', actor: { id: reader.id } },
    ]);
  });

  it('goes forward alone, never beyond the head, and by one measure', async () => {
    const { order } = await filled(3);
    const id = String((await create({ ...order, startFrom: { position: 2 } })).body.subscriptionId);
    const reason = 'not wanted';
    for (const to of [{ position: 1 }, { position: 2 }, 'beginning'])
      expect(await skip(id, { to, reason })).toMatchObject({ status: 400, body: { code: 'position.not-ahead' } });
    expect(await skip(id, { count: 3, reason })).toMatchObject({ status: 400, body: { code: 'position.beyond-head' } });
    for (const bad of [{ reason }, { to: 'now', count: 1, reason }, { to: 'now' }, { count: 0, reason }])
      expect(await skip(id, bad)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect((await skip(id, { to: { position: 3 }, reason })).body).toMatchObject({ ackedPosition: 2 });
    expect((await skip(id, { to: 'now', reason })).body).toMatchObject({ ackedPosition: 3, lag: 0 });
    const outsider = await exchange.system(stranger, ['events:read']);
    expect((await skip(id, { count: 1, reason }, outsider)).status).toBe(404);
  });
});

it('tells nobody where a time stands in the data while it is not sure that the agreement still stands', async () => {
  const { order } = await filled(2);
  const startFrom = { time: '2026-01-01T00:00:02Z' };
  const id = String((await create({ ...order, startFrom: 'beginning' })).body.subscriptionId);
  await exchange.registryIsKnown(new Date(Date.now() - 1_500).toISOString());
  const [made, moved, blind] = [
    await create({ ...order, startFrom }),
    await seek(id, startFrom),
    await create({ ...order, startFrom: 'beginning' }),
  ];
  await exchange.registryIsKnown();
  for (const refused of [made, moved]) expect(refused).toMatchObject({ status: 503, body: { code: 'registry.stale' } });
  expect(blind.status).toBe(201);
  expect((await create({ ...order, startFrom })).body).toMatchObject({ ackedPosition: 1 });
});
