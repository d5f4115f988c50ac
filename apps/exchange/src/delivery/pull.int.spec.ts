import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { AgreementRecordV1, DeliveredEvent } from '@govbus/contracts';
import { LOGGER, type Logger, Principals } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import pino from 'pino';
import { closeAgreement } from '../agreements/agreement-lock';
import { type Caller, consumer, event, Exchange, marker, provider, stranger } from '../exchange.int.spec';
import { Waiters } from './waiters';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;
const logged: string[] = [];

beforeAll(async () => {
  exchange = await Exchange.start({ LOG_LEVEL: 'debug' });
  const { stream } = streamOf(exchange.app.get<Logger>(LOGGER));
  jest.spyOn(stream, 'write').mockImplementation((line) => logged.push(line) > 0);
  publisher = await exchange.system(provider, ['events:publish']);
  reader = await exchange.system(consumer, ['events:read']);
}, 60_000);
afterAll(async () => {
  await exchange.stop();
  jest.restoreAllMocks();
});
const streamOf = (logger: Logger) => ({
  stream: (logger as never)[pino.symbols.streamSym] as { write(line: string): boolean },
});

async function subscribed(events: object[]) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId);
  await exchange.publishBatch(
    publisher,
    events.map((data, i) => event(datasetId, String(i + 1), data)),
  );
  await exchange.ledgerAt(datasetId, events.length);
  return { datasetId, agreement, id: await subscribe(agreement) };
}
async function subscribe(agreement: AgreementRecordV1, over: object = {}): Promise<string> {
  const { agreementId } = agreement;
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning', ...over };
  const { status, body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
  expect(status).toBe(201);
  return String(body.subscriptionId);
}
const pull = (id: string, query = '', caller = reader) =>
  exchange.call('GET', `/v1/subscriptions/${id}/events${query}`, caller);
const idsOf = (body: Record<string, unknown>) => (body.events as DeliveredEvent[]).map((delivered) => delivered.id);

describe('pulling', () => {
  it('gives the granted rows and fields, masked, and goes on after the acknowledged position', async () => {
    const { datasetId, id } = await subscribed([{}, { area: 'south' }, {}]);
    const first = await pull(id, '?limit=1');
    expect(first).toMatchObject({ status: 200, body: { hasMore: true } });
    const [delivered] = first.body.events as DeliveredEvent[];
    expect(delivered).toMatchObject({ id: '1', source: `/datasets/${datasetId}`, type: 'exchange.record-shared.v1' });
    expect(Object.keys(delivered?.data as object).sort()).toEqual(['key', 'name']);
    expect((delivered?.data as { key: string }).key).toBe('key-1');
    expect(JSON.stringify(first.body)).not.toContain(marker);
    const acked = await exchange.call('POST', `/v1/subscriptions/${id}/ack`, reader, { cursor: first.body.nextCursor });
    expect(acked).toMatchObject({ status: 200, body: { ackedPosition: 1, headPosition: 3, lag: 2, delivered: 1 } });
    const second = await pull(id);
    expect(idsOf(second.body)).toEqual(['3']);
    expect(second.body.hasMore).toBe(false);
    const again = await pull(id);
    expect(idsOf(again.body)).toEqual(['3']);
    expect((await exchange.call('GET', `/v1/subscriptions/${id}`, reader)).body).toMatchObject({ delivered: 2 });
  });

  it('commits the record of each page, and none for an empty one', async () => {
    const { datasetId, agreement, id } = await subscribed([{}, {}]);
    const { body } = await pull(id);
    const entries = (await exchange.entries(datasetId)).filter((entry) => entry.action === 'disclose');
    expect(entries).toMatchObject([
      {
        outcome: 'done',
        operation: 'subscriptions:read',
        actor: { id: reader.id, department: consumer },
        agreementId: agreement.agreementId,
        subscriptionId: id,
        purpose: 'case-handling',
        positions: { first: 1, last: 2 },
        records: 2,
        entity: `disclosure:${String(body.disclosureId)}`,
      },
    ]);
    expect(entries[0]?.fields).toEqual(['/key', '/name']);
    expect(entries[0]?.subjectKeys).toHaveLength(2);
    const empty = await pull(id, `?cursor=${String(body.nextCursor)}`);
    expect(empty.body).toMatchObject({ events: [], hasMore: false });
    expect(empty.body.disclosureId).toBeUndefined();
    expect((await exchange.entries(datasetId)).filter((entry) => entry.action === 'disclose')).toHaveLength(1);
  });

  it('refuses HEAD, which would disclose a page that nobody is sent', async () => {
    const { datasetId, id } = await subscribed([{}]);
    const authorization = `Bearer ${await exchange.issuer.token({ ...reader, kind: 'system', roles: [] })}`;
    const url = `/v1/subscriptions/${id}/events`;
    const { statusCode, headers } = await exchange.app.inject({ method: 'HEAD', url, headers: { authorization } });
    expect([statusCode, headers.allow]).toEqual([405, 'GET']);
    expect((await exchange.app.inject({ method: 'HEAD', url })).statusCode).toBe(401);
    expect((await exchange.entries(datasetId)).some((entry) => entry.action === 'disclose')).toBe(false);
    expect((await exchange.call('GET', `/v1/subscriptions/${id}`, reader)).body).toMatchObject({ delivered: 0 });
  });

  it('moves past rows that are not granted without disclosing them', async () => {
    const { datasetId, id } = await subscribed([{ area: 'south' }, { area: 'south' }]);
    const { body } = await pull(id);
    expect(body).toMatchObject({ events: [], hasMore: false });
    const acked = await exchange.call('POST', `/v1/subscriptions/${id}/ack`, reader, { cursor: body.nextCursor });
    expect(acked.body).toMatchObject({ ackedPosition: 2, lag: 0, delivered: 0 });
    expect((await exchange.entries(datasetId)).some((entry) => entry.action === 'disclose')).toBe(false);
  });

  it('never acknowledges backwards, nor with a forged cursor or that of another subscription', async () => {
    const { agreement, id } = await subscribed([{}, {}]);
    const [first, second] = [await pull(id, '?limit=1'), await pull(id, '?limit=2')];
    const ack = (cursor: unknown, of = id) => exchange.call('POST', `/v1/subscriptions/${of}/ack`, reader, { cursor });
    await ack(second.body.nextCursor);
    expect((await ack(first.body.nextCursor)).body).toMatchObject({ ackedPosition: 2 });
    const [, signature] = String(first.body.nextCursor).split('.');
    const forged = `${Buffer.from(JSON.stringify([id, 9])).toString('base64url')}.${signature}`;
    const other = await subscribe(agreement);
    for (const answer of [await ack(forged), await ack('x'), await ack(first.body.nextCursor, other)])
      expect(answer).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    expect(await pull(id, `?cursor=${forged}`)).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
  });

  it('starts now when asked to', async () => {
    const { datasetId, agreement } = await subscribed([{}, {}]);
    const id = await subscribe(agreement, { startFrom: 'now' });
    expect((await pull(id)).body.events).toEqual([]);
    await exchange.publish(publisher, event(datasetId, '3'));
    await exchange.ledgerAt(datasetId, 3);
    expect(idsOf((await pull(id)).body)).toEqual(['3']);
  });
});

describe('what is not allowed', () => {
  it.each(['suspended', 'revoked'] as const)('stops at once when the agreement is %s', async (status) => {
    const { datasetId, agreement, id } = await subscribed([{}]);
    expect((await pull(id)).status).toBe(200);
    await exchange.change({ ...agreement, status, version: 2 });
    const denied = await pull(id);
    expect(denied).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    expect(denied.body.explanation).toMatchObject({ code: expect.any(String), detail: expect.any(String) });
    const { body } = await exchange.call('GET', `/v1/subscriptions/${id}`, reader);
    expect(body).toMatchObject({ status: 'stopped', stopReason: `agreement.${status}` });
    const entries = (await exchange.entries(datasetId)).filter(({ outcome }) => outcome === 'denied');
    const { agreementId } = agreement;
    expect(entries).toMatchObject([{ datasetId, agreementId, subscriptionId: id, actor: { id: reader.id } }]);
  });

  it('does not let those who read without a pause hold up the revocation', async () => {
    const { agreement, id } = await subscribed(Array.from({ length: 50 }, () => ({})));
    let isOver = false;
    const readers = Array.from({ length: 8 }, async () => {
      while (!isOver) await pull(id);
    });
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    isOver = true;
    await Promise.all(readers);
    expect(await pull(id)).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
  });

  it('goes on when a suspended agreement is in force again', async () => {
    const { agreement, id } = await subscribed([{}]);
    await exchange.change({ ...agreement, status: 'suspended', version: 2 });
    await exchange.change({ ...agreement, version: 3 });
    expect((await pull(id)).status).toBe(200);
    const { body } = await exchange.call('GET', `/v1/subscriptions/${id}`, reader);
    expect(body).toMatchObject({ status: 'active' });
  });

  it('gives nothing after the period, nor to a suspended department', async () => {
    const { agreement, id } = await subscribed([{}]);
    const terms = { ...agreement.terms, validTo: '2021-01-01T00:00:00Z' };
    await exchange.change({ ...agreement, terms, version: 2 });
    expect(await pull(id)).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    await exchange.change({ ...agreement, version: 3 });
    await exchange.department(provider, 'suspended', 2);
    expect(await pull(id)).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    await exchange.department(provider, 'active', 3);
    expect((await pull(id)).status).toBe(200);
  });

  it('gives nothing to a system that is suspended while its page waits', async () => {
    const { agreement } = await subscribed([{}]);
    const waiting = await exchange.system(consumer, ['events:read']);
    const { agreementId } = agreement;
    const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
    const id = String((await exchange.call('POST', '/v1/subscriptions', waiting, order)).body.subscriptionId);
    let page: ReturnType<typeof pull> | undefined;
    await exchange.db.transaction(async (tx) => {
      await closeAgreement(agreementId, tx);
      page = pull(id, '', waiting);
      const waits = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      await eventually(async () => expect(await tx.query(waits)).toHaveLength(1));
      await exchange.principal(waiting, 'suspended', 2);
      await eventually(() => expect(exchange.app.get(Principals).isActive(waiting.id)).toBe(false));
    });
    expect(await page).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
  });

  it('makes no subscription without agreement, purpose or the right department', async () => {
    const { agreement, id } = await subscribed([{}]);
    const outsider = await exchange.system(stranger, ['events:read']);
    const order = { agreementId: agreement.agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'now' };
    for (const [caller, over] of [
      [reader, { agreementId: randomUUID() }],
      [reader, { purpose: 'curiosity' }],
      [outsider, {}],
    ] as const) {
      const answer = await exchange.call('POST', '/v1/subscriptions', caller, { ...order, ...over });
      expect(answer).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
      expect(answer.body.explanation).toBeDefined();
    }
    for (const answer of [
      await pull(id, '', outsider),
      await exchange.call('DELETE', `/v1/subscriptions/${id}`, outsider),
    ])
      expect(answer).toMatchObject({ status: 404, body: { code: 'subscription.unknown' } });
  });

  it('pauses, resumes and deletes', async () => {
    const { id } = await subscribed([{}]);
    const at = `/v1/subscriptions/${id}`;
    expect((await exchange.call('POST', `${at}/pause`, reader)).body).toMatchObject({ status: 'paused' });
    expect(await pull(id)).toMatchObject({ status: 409, body: { code: 'subscription.paused' } });
    expect((await exchange.call('POST', `${at}/resume`, reader)).body).toMatchObject({ status: 'active' });
    expect((await exchange.call('DELETE', at, reader)).status).toBe(204);
    expect((await exchange.call('GET', at, reader)).status).toBe(404);
  });
});

describe('a department that pulls without a pause', () => {
  it('waits alone, and not for ever', async () => {
    const { datasetId, agreement, id } = await subscribed([{}]);
    const neighbour = await exchange.system(stranger, ['events:read']);
    const { agreementId } = await exchange.agreement(datasetId, { consumerDepartment: stranger });
    const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
    const { body } = await exchange.call('POST', '/v1/subscriptions', neighbour, order);
    const asked = await exchange.db.transaction(async (tx) => {
      // Each page under it waits until this is over, and holds its connection.
      await closeAgreement(agreement.agreementId, tx);
      const flood = Array.from({ length: 39 }, () => pull(id));
      const refused = await Promise.race(flood);
      expect(refused).toMatchObject({ status: 503, body: { code: 'delivery.busy' }, headers: { 'retry-after': '1' } });
      expect(await pull(String(body.subscriptionId), '', neighbour)).toMatchObject({ status: 200 });
      return flood;
    });
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(38);
  });

  it('is not refused when many that wait for one event are woken at once', async () => {
    const { datasetId, agreement, id } = await subscribed([]);
    const ids = [id, await subscribe(agreement), await subscribe(agreement)];
    const waiting = ids.flatMap((one) => Array.from({ length: 16 }, () => pull(one, '?wait=20')));
    await eventually(() => expect(exchange.app.get(Waiters).size).toBe(48));
    await exchange.publish(publisher, event(datasetId, '1'));
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status, body }) => [status, idsOf(body)])).toEqual(Array(48).fill([200, ['1']]));
  });
});

it('leaves no value of a record in the outbox or the log', async () => {
  const { id } = await subscribed([{}, {}]);
  await pull(id);
  expect(await exchange.outboxText()).not.toContain(marker);
  exchange.app.get<Logger>(LOGGER).info({ probe: 'seen' }, 'probe');
  expect(logged.join('')).toContain('"probe":"seen"');
  expect(logged.join('')).not.toContain(marker);
});

it('discloses nothing while it is not sure that the agreement still stands', async () => {
  const { datasetId, id } = await subscribed([{}]);
  await exchange.registryIsKnown(new Date(Date.now() - 1_500).toISOString());
  const refused = await pull(id);
  await exchange.registryIsKnown();
  expect(refused).toMatchObject({ status: 503, body: { code: 'registry.stale' } });
  expect(refused.headers['retry-after']).toBe('1');
  expect((await exchange.entries(datasetId)).some(({ action }) => action === 'disclose')).toBe(false);
  expect((await pull(id)).body.events).toHaveLength(1);
});

it('discloses nothing while the record of it cannot be written', async () => {
  const { id } = await subscribed([{}]);
  await exchange.db.query('ALTER TABLE outbox RENAME TO outbox_away');
  const refused = await pull(id);
  await exchange.db.query('ALTER TABLE outbox_away RENAME TO outbox');
  expect(refused.status).toBeGreaterThanOrEqual(500);
  expect(refused.body.events).toBeUndefined();
  const rows = await exchange.db.query('SELECT 1 FROM disclosures WHERE subscription_id = $1', [id]);
  expect(rows).toHaveLength(0);
  expect((await pull(id)).body.events).toHaveLength(1);
});
