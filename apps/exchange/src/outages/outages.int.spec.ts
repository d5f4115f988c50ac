import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { Hooks } from '../delivery/hooks.int.spec';
import { type Exchange, stranger } from '../exchange.int.spec';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

// Of ISO 8601, and yet nothing that a machine takes for a time.
const timesOfOtherForms = ['20980101T000000Z', '2098-W01-1T00:00:00Z', '2098-001T00:00:00Z', '2098-01-01T00Z'];
const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
const hour = 3_600_000;
const announce = (order: object, caller = hooks.reader) => exchange.call('POST', '/v1/outages', caller, order);
const withdraw = (id: unknown, caller = hooks.reader) => exchange.call('DELETE', `/v1/outages/${String(id)}`, caller);

describe('a planned outage', () => {
  it('keeps deliveries back without a failure, is shown, and ends by itself', async () => {
    const { datasetId, receiver, id } = await hooks.hooked();
    const window = { from: at(-1000), until: at(hour), reason: 'a new version is installed' };
    const { status, body } = await announce({ ...window, subscriptionId: id });
    expect([status, body]).toMatchObject([201, { ...window, subscriptionId: id }]);
    await hooks.publish(datasetId, '1');
    // Another subscription shows that the worker has come by since.
    const other = await hooks.hooked();
    await hooks.publish(other.datasetId, '1');
    await hooks.shows(other.id, { delivered: 1 });
    expect(receiver.received).toHaveLength(0);
    const view = await hooks.view(id);
    expect(view).toMatchObject({ status: 'active', attempts: 0, lag: 1, outage: window });
    expect(view.lastError).toBeUndefined();
    await exchange.db.query('UPDATE planned_outages SET ends_at = now() WHERE outage_id = $1', [body.outageId]);
    await hooks.shows(id, { delivered: 1 });
    expect(receiver.ids).toEqual(['1']);
    expect((await hooks.view(id)).outage).toBeUndefined();
    const entries = await exchange.entries();
    expect(entries.filter(({ entity }) => entity === `outage:${String(body.outageId)}`)).toMatchObject([
      { operation: 'outages:announce', subscriptionId: id, reason: window.reason, actor: { id: hooks.reader.id } },
    ]);
  });

  it('stops a delivery that is going on, behind the page that is on its way', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ maxEvents: 1 });
    receiver.isHolding = true;
    await hooks.publish(datasetId, '1');
    await hooks.publish(datasetId, '2');
    await exchange.ledgerAt(datasetId, 2);
    await eventually(() => expect(receiver.ids).toEqual(['1']));
    const { body } = await announce({ subscriptionId: id, from: at(-1000), until: at(hour), reason: 'works' });
    receiver.release();
    await hooks.shows(id, { ackedPosition: 1, lag: 1, attempts: 0 });
    const other = await hooks.hooked();
    await hooks.publish(other.datasetId, '1');
    await hooks.shows(other.id, { delivered: 1 });
    expect(receiver.ids).toEqual(['1']);
    expect((await withdraw(body.outageId)).status).toBe(204);
    await hooks.shows(id, { ackedPosition: 2 });
    expect((await exchange.entries()).map(({ operation }) => operation)).toContain('outages:withdraw');
  });

  it('of the department holds for all its subscriptions, and not before it begins', async () => {
    const first = await hooks.hooked();
    const later = await announce({ from: at(hour), until: at(2 * hour), reason: 'works' });
    await hooks.publish(first.datasetId, '1');
    await hooks.shows(first.id, { delivered: 1 });
    const now = await announce({ from: at(-1000), until: at(hour), reason: 'works' });
    for (const { id } of [first, await hooks.hooked()]) await hooks.shows(id, { outage: { reason: 'works' } });
    const { body } = await exchange.call('GET', '/v1/outages', hooks.reader);
    expect(body.items).toEqual([now.body, later.body]);
    for (const { body: outage } of [now, later]) expect((await withdraw(outage.outageId)).status).toBe(204);
    expect((await exchange.call('GET', '/v1/outages', hooks.reader)).body).toEqual({ items: [] });
  });

  it('is announced once for one idempotency key', async () => {
    const outsider = await exchange.system(stranger, ['events:read']);
    const token = await exchange.issuer.token({ ...outsider, kind: 'system', roles: [] });
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': '"works of March"' };
    const payload = { from: at(0), until: at(hour), reason: 'works' };
    const post = () => exchange.app.inject({ method: 'POST', url: '/v1/outages', headers, payload });
    const [first, second] = [await post(), await post()];
    expect([first.statusCode, first.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect([second.statusCode, second.headers['idempotency-replayed']]).toEqual([201, 'true']);
    expect(second.json()).toEqual(first.json());
    expect((await exchange.call('GET', '/v1/outages', outsider)).body.items).toEqual([first.json()]);
    expect((await withdraw(first.json<{ outageId: string }>().outageId, outsider)).status).toBe(204);
  });

  it('is the matter of its own department', async () => {
    const { id } = await hooks.hooked();
    const outsider = await exchange.system(stranger, ['events:read']);
    const window = { from: at(0), until: at(hour), reason: 'works' };
    expect(await announce({ ...window, subscriptionId: id }, outsider)).toMatchObject({
      status: 404,
      body: { code: 'subscription.unknown' },
    });
    const { body } = await announce({ ...window, subscriptionId: id });
    expect((await exchange.call('GET', '/v1/outages', outsider)).body).toEqual({ items: [] });
    expect(await withdraw(body.outageId, outsider)).toMatchObject({ status: 404, body: { code: 'outage.unknown' } });
    expect((await withdraw(body.outageId)).status).toBe(204);
  });

  it('has an end, a reason and times with their offset', async () => {
    const good = { from: at(0), until: at(hour), reason: 'works' };
    expect(await announce({ ...good, until: at(-hour) })).toMatchObject({
      status: 400,
      body: { code: 'outage.window' },
    });
    for (const bad of [
      { ...good, reason: '' },
      { ...good, from: '2026-01-01T00:00:00' },
      { ...good, until: 'soon' },
      ...timesOfOtherForms.flatMap((time) => [
        { ...good, from: time },
        { ...good, until: time },
      ]),
    ])
      expect(await announce(bad)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });

  it('of a subscription that is deleted meanwhile is refused as one of none', async () => {
    const { id } = await hooks.hooked();
    const window = { from: at(0), until: at(hour), reason: 'works' };
    let announced: ReturnType<typeof announce> | undefined;
    await exchange.db.transaction(async (tx) => {
      await tx.query('DELETE FROM subscriptions WHERE subscription_id = $1', [id]);
      announced = announce({ ...window, subscriptionId: id });
      await eventually(async () =>
        expect(
          await exchange.db.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'`,
          ),
        ).toHaveLength(1),
      );
    });
    expect(await announced).toMatchObject({ status: 404, body: { code: 'subscription.unknown' } });
  });

  it('is one of a hundred at most', async () => {
    const outsider = await exchange.system(stranger, ['events:read']);
    await exchange.db.query(
      `INSERT INTO planned_outages SELECT gen_random_uuid(), $1, NULL, now(), now() + interval '1 hour', 'x', 'y', now()
         FROM generate_series(1, 98)`,
      [stranger],
    );
    const window = { from: at(0), until: at(hour), reason: 'works' };
    const answers = await Promise.all(Array.from({ length: 12 }, () => announce(window, outsider)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(await announce(window, outsider)).toMatchObject({ status: 409, body: { code: 'outage.too-many' } });
    await exchange.db.query('UPDATE planned_outages SET ends_at = now() WHERE consumer_department = $1', [stranger]);
    expect((await announce(window, outsider)).status).toBe(201);
    const [{ left }] = await exchange.db.query<[{ left: string }]>(
      'SELECT count(*) AS left FROM planned_outages WHERE consumer_department = $1',
      [stranger],
    );
    expect(left).toBe('1');
  });
});
