import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { Hooks } from '../delivery/hooks.int.spec';
import { type Exchange, stranger } from '../exchange.int.spec';
import { RequireWebhookUrls1796000000070 } from '../migrations/1796000000070-require-webhook-urls';
import { holdDepartment } from './department-lock';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

async function subscribe(over: object) {
  const { datasetId } = await exchange.dataset();
  const { agreementId } = await exchange.agreement(datasetId);
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning', ...over };
  return exchange.call('POST', '/v1/subscriptions', hooks.reader, order);
}

describe('a subscription', () => {
  it('takes null for absent', async () => {
    const nothing = { webhook: null, areaCode: null, caseReference: null, filters: null };
    const { status, body } = await subscribe(nothing);
    expect([status, body.filters]).toEqual([201, []]);
    for (const name of ['webhook', 'areaCode', 'caseReference']) expect(body).not.toHaveProperty(name);
    await hooks.publish(String(body.datasetId), '1');
    await exchange.ledgerAt(String(body.datasetId), 1);
    const skipped = await hooks.at(String(body.subscriptionId), 'skip', { to: null, count: 1, reason: 'broken' });
    expect(skipped).toMatchObject({ status: 200, body: { ackedPosition: 1 } });
    const settings = { handshake: null, maxAttempts: null, order: 'key', maxEvents: null };
    const { receiver } = await hooks.hooked(settings);
    expect(receiver.received).toHaveLength(0);
  });

  it('names the principal that made it to its whole department', async () => {
    const { body } = await subscribe({});
    expect(body.owner).toBe(hooks.reader.id);
    const colleague = { ...hooks.reader, id: `${hooks.reader.id}-2` };
    const seen = await exchange.call('GET', `/v1/subscriptions/${String(body.subscriptionId)}`, colleague);
    expect(seen).toMatchObject({ status: 200, body: { owner: hooks.reader.id } });
  });

  it('of a webhook has an address', async () => {
    for (const webhook of [null, undefined, {}, { url: null }])
      expect(await subscribe({ mode: 'webhook', webhook })).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      });
  });

  it('of a webhook without an address goes with the migration that lets none come any more', async () => {
    const [broken, sound] = [await hooks.hooked(), await hooks.hooked()];
    const migration = new RequireWebhookUrls1796000000070();
    const runner = exchange.db.createQueryRunner();
    const emptied = () =>
      exchange.db.query('UPDATE subscriptions SET webhook_url = NULL WHERE subscription_id = $1', [broken.id]);
    try {
      await expect(emptied()).rejects.toThrow('webhooks_have_urls');
      await migration.down(runner);
      await emptied();
      await migration.up(runner);
    } finally {
      await runner.release();
    }
    expect((await hooks.view(broken.id)).code).toBe('subscription.unknown');
    expect((await hooks.view(sound.id)).status).toBe('active');
  });
});

describe('the version of a subscription', () => {
  async function ask(method: 'GET' | 'POST', url: string, body?: object, ifMatch?: unknown) {
    const token = await exchange.issuer.token({ ...hooks.reader, kind: 'system', roles: [] });
    const headers = { authorization: `Bearer ${token}`, ...(ifMatch !== undefined && { 'if-match': String(ifMatch) }) };
    const {
      statusCode: status,
      headers: given,
      ...answer
    } = await exchange.app.inject({
      ...{ method, url, headers, payload: body },
    });
    return { status, etag: given.etag, location: given.location, body: answer.json<Record<string, unknown>>() };
  }

  it('is its ETag wherever it is shown, and lets who saw another change nothing', async () => {
    const { datasetId } = await exchange.dataset();
    const { agreementId } = await exchange.agreement(datasetId);
    const webhook = { url: (await hooks.receiver()).url };
    const order = { agreementId, purpose: 'case-handling', mode: 'webhook', webhook, startFrom: 'beginning' };
    const made = await ask('POST', '/v1/subscriptions', order);
    const at = `/v1/subscriptions/${String(made.body.subscriptionId)}`;
    expect(made).toMatchObject({ status: 201, etag: '"1"', location: at });
    const shown = await ask('GET', String(made.location));
    expect(shown).toMatchObject({ status: 200, etag: '"1"', location: undefined });
    expect(shown.body.subscriptionId).toBe(made.body.subscriptionId);
    const paused = await ask('POST', `${at}/pause`, undefined, shown.etag);
    expect(paused).toMatchObject({ status: 200, etag: '"2"', body: { version: 2 } });
    await hooks.publish(datasetId, '1');
    await exchange.ledgerAt(datasetId, 1);
    let { etag } = paused;
    for (const [what, body] of [
      ['skip', { count: 1, reason: 'broken' }],
      ['seek', { to: 'beginning' }],
      ['rotate-secret', { overlapHours: 1 }],
      ['resume', undefined],
    ] as const) {
      const stale = await ask('POST', `${at}/${what}`, body, shown.etag);
      expect(stale).toMatchObject({ status: 412, etag: undefined, body: { code: 'entity.stale' } });
      const changed = await ask('POST', `${at}/${what}`, body, etag);
      expect([what, changed.status, changed.etag]).toEqual([what, 200, `"${String(changed.body.version)}"`]);
      ({ etag } = changed);
    }
    expect(etag).toBe('"6"');
  });

  it('stays what it is while its events are acknowledged', async () => {
    const { body, status } = await subscribe({});
    expect(status).toBe(201);
    const at = `/v1/subscriptions/${String(body.subscriptionId)}`;
    await hooks.publish(String(body.datasetId), '1');
    await exchange.ledgerAt(String(body.datasetId), 1);
    const { nextCursor: cursor } = (await ask('GET', `${at}/events`)).body;
    const acked = await ask('POST', `${at}/ack`, { cursor });
    expect(acked).toMatchObject({ status: 200, etag: '"1"', body: { ackedPosition: 1, version: 1 } });
  });
});

describe('the subscriptions of a department', () => {
  /** As many like one as are wanted, in a state of its own in which nothing is delivered. */
  const copied = (id: string, count: number, over: object) =>
    exchange.db.query(
      `INSERT INTO subscriptions SELECT (jsonb_populate_record(s, $3 || jsonb_build_object('subscription_id', gen_random_uuid()))).*
         FROM subscriptions s CROSS JOIN generate_series(1, $2::integer) WHERE subscription_id = $1`,
      [id, count, over],
    );
  const counted = async () => {
    const [row] = await exchange.db.query<[{ all: number; kafka: number }]>(
      `SELECT count(*)::integer AS all, (count(*) FILTER (WHERE mode = 'kafka'))::integer AS kafka FROM subscriptions`,
    );
    return row;
  };
  const tooMany = { status: 409, body: { code: 'subscription.too-many' } };

  it('are ordered one at a time, and the rest wait without a connection of the database', async () => {
    const { datasetId } = await exchange.dataset();
    const { agreementId } = await exchange.agreement(datasetId);
    const from = '2099-01-01T00:00:00Z';
    const orders = {
      '/v1/subscriptions': { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' },
      '/v1/exports': { agreementId, purpose: 'case-handling', format: 'csv', of: 'latest' },
      '/v1/outages': { from, until: '2099-01-02T00:00:00Z', reason: 'maintenance' },
    };
    const outsider = await exchange.system(stranger, ['events:read']);
    const answers = await exchange.db.transaction(async (tx) => {
      await holdDepartment(hooks.reader.department, tx);
      const asked = Object.entries(orders).flatMap(([url, order]) =>
        Array.from({ length: 10 }, () => exchange.call('POST', url, hooks.reader, order)),
      );
      const waits = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      await eventually(async () => expect(await tx.query(waits)).toHaveLength(3));
      // With a connection for each that waits there would be none left.
      expect((await exchange.call('GET', '/v1/subscriptions', outsider)).status).toBe(200);
      return asked;
    });
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).not.toContain(503);
  });

  it('are changed by few at once of a department, and the rest wait without a connection of the database', async () => {
    const { datasetId } = await exchange.dataset();
    const { agreementId } = await exchange.agreement(datasetId);
    const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
    const { body } = await exchange.call('POST', '/v1/subscriptions', hooks.reader, order);
    const id = String(body.subscriptionId);
    const outsider = await exchange.system(stranger, ['events:read']);
    const answers = await exchange.db.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM subscriptions WHERE subscription_id = $1 FOR UPDATE', [id]);
      const asked = Array.from({ length: 30 }, () =>
        exchange.call('POST', `/v1/subscriptions/${id}/seek`, hooks.reader, { to: 'beginning' }),
      );
      const waits = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      await eventually(async () => expect(await tx.query(waits)).toHaveLength(4));
      expect((await exchange.call('GET', '/v1/subscriptions', outsider)).status).toBe(200);
      // Of another department it does not even wait.
      const foreign = exchange.call('POST', `/v1/subscriptions/${id}/pause`, outsider, {});
      await expect(foreign).resolves.toMatchObject({ status: 404, body: { code: 'subscription.unknown' } });
      return asked;
    });
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('are 1,000 at most, of which 100 are by kafka, without those that ended', async () => {
    const { datasetId } = await exchange.dataset();
    const terms = {
      ...(await exchange.agreement(datasetId)).terms,
      deliveryModes: ['pull' as const, 'kafka' as const],
    };
    const { agreementId } = await exchange.agreement(datasetId, { terms });
    const order = { agreementId, purpose: 'case-handling', startFrom: 'now' };
    const make = (mode: string) => exchange.call('POST', '/v1/subscriptions', hooks.reader, { ...order, mode });
    const id = String((await make('pull')).body.subscriptionId);
    await copied(id, 50, { mode: 'kafka', status: 'stopped', stop_reason: 'agreement.revoked' });
    await copied(id, 97, { mode: 'kafka', status: 'paused' });
    const byKafka = await Promise.all(Array.from({ length: 12 }, () => make('kafka')));
    const made = byKafka.filter(({ status }) => status === 201);
    expect(made).toHaveLength(3);
    for (const refused of byKafka.filter(({ status }) => status !== 201)) expect(refused).toMatchObject(tooMany);
    for (const mode of ['pull', 'pull']) expect((await make(mode)).status).toBe(201);
    // Those of revoked agreements are in the count of the table alone.
    await copied(id, 1_000 - ((await counted()).all - 50) - 1, { status: 'paused' });
    expect((await make('pull')).status).toBe(201);
    expect(await make('pull')).toMatchObject(tooMany);
    const { body } = made[0] ?? {};
    expect(
      (await exchange.call('DELETE', `/v1/subscriptions/${String(body?.subscriptionId)}`, hooks.reader)).status,
    ).toBe(204);
    expect((await make('kafka')).status).toBe(201);
  });
});
