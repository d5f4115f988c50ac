import 'reflect-metadata';
import { creditCodeCheck } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { Webhook } from 'standardwebhooks';
import { consumer, event, Exchange, marker, stranger } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => hooks.stop());

/** As if it had been denied so often that the next attempt is far away. */
const denyLong = (id: string): Promise<unknown> =>
  exchange.db.query(
    `UPDATE subscriptions SET failures = 12, next_attempt_at = now() + interval '1 hour' WHERE subscription_id = $1`,
    [id],
  );

describe('webhooks', () => {
  it('delivers signed batches in order, through the lens, each with its record', async () => {
    const { datasetId, receiver, id, secret } = await hooks.hooked();
    expect(secret).toMatch(/^whsec_/);
    await exchange.publishBatch(
      hooks.publisher,
      Array.from({ length: 250 }, (_, i) => event(datasetId, String(i), i % 2 ? { area: 'south' } : {})),
    );
    await eventually(() => expect(receiver.ids).toHaveLength(125));
    expect(receiver.ids).toEqual(Array.from({ length: 125 }, (_, i) => String(2 * i + 1)));
    for (const { headers, body } of receiver.received) {
      expect(headers['content-type']).toContain('application/cloudevents-batch+json');
      expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
      expect(() =>
        new Webhook(secret).verify(body.replace('key-', 'kex-'), headers as Record<string, string>),
      ).toThrow();
      expect(body).not.toContain(marker);
    }
    await eventually(async () => expect(await hooks.view(id)).toMatchObject({ ackedPosition: 250, delivered: 125 }));
    const entries = (await exchange.entries(datasetId)).filter((entry) => entry.action === 'disclose');
    const entities = entries.map((entry) => entry.entity).sort();
    expect(entities).toEqual(
      receiver.received.map(({ headers }) => `disclosure:${String(headers['govbus-disclosure'])}`).sort(),
    );
    expect(await exchange.outboxText()).not.toContain(marker);
  });

  it('keeps the secret to itself after it was shown once', async () => {
    const { id, secret } = await hooks.hooked();
    expect(JSON.stringify(await hooks.view(id))).not.toContain(secret);
    const rows = await exchange.db.query('SELECT * FROM subscriptions WHERE subscription_id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6));
  });

  it('tries again after a failure, decided and recorded anew, and then goes on', async () => {
    const { datasetId, receiver, id } = await hooks.hooked();
    receiver.answer = { status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } };
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(async () =>
      expect(await hooks.view(id)).toMatchObject({ ackedPosition: 0, lastError: 'the receiver answered 302' }),
    );
    receiver.answer = { status: 200 };
    await eventually(async () => expect(await hooks.view(id)).toMatchObject({ ackedPosition: 1, delivered: 1 }));
    expect((await hooks.view(id)).lastError).toBeUndefined();
    const disclosures = new Set(receiver.received.map(({ headers }) => headers['govbus-disclosure']));
    expect(disclosures.size).toBe(receiver.received.length);
    expect(receiver.received.length).toBeGreaterThan(1);
  });

  it('stops when the receiver says it is gone, and may be resumed', async () => {
    const { datasetId, receiver, id } = await hooks.hooked();
    receiver.answer = { status: 410 };
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(async () =>
      expect(await hooks.view(id)).toMatchObject({ status: 'stopped', stopReason: 'webhook.gone' }),
    );
    receiver.answer = { status: 204 };
    await exchange.call('POST', `/v1/subscriptions/${id}/resume`, hooks.reader);
    await eventually(async () => expect(await hooks.view(id)).toMatchObject({ status: 'active', ackedPosition: 1 }));
  });

  it('cuts off what is on its way when the agreement is revoked, and begins nothing after it', async () => {
    const { datasetId, agreement, receiver, id } = await hooks.hooked();
    receiver.isHolding = true;
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(() => expect(receiver.received).toHaveLength(1));
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    // Sooner than a request without an answer ends by itself.
    await eventually(() => expect(receiver.aborted).toBe(1));
    await exchange.publish(hooks.publisher, event(datasetId, '2'));
    await exchange.ledgerAt(datasetId, 2);
    // Another subscription of the same dataset shows that the worker has come by since.
    const other = await hooks.hook(await exchange.agreement(datasetId));
    await eventually(() => expect(other.receiver.ids).toEqual(['1', '2']));
    expect(receiver.received).toHaveLength(1);
    expect(await hooks.view(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'agreement.revoked',
      ackedPosition: 0,
    });
  });

  it('waits, and counts no failure, while it is not sure that the agreement still stands', async () => {
    const { datasetId, receiver, id } = await hooks.hooked();
    await exchange.registryIsKnown('-infinity');
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(async () =>
      expect((await hooks.view(id)).lastError).toEqual(expect.stringContaining('may not have arrived')),
    );
    expect(receiver.received).toHaveLength(0);
    await exchange.registryIsKnown();
    await eventually(() => expect(receiver.ids).toEqual(['1']));
  });

  it('lets a receiver that never answers delay nobody else', async () => {
    const { datasetId, agreement, receiver } = await hooks.hooked();
    const quick = await hooks.hook(agreement);
    receiver.isHolding = true;
    for (const id of ['1', '2', '3']) {
      await exchange.publish(hooks.publisher, event(datasetId, id));
      await eventually(() => expect(quick.receiver.ids).toContain(id));
    }
    // All of that while the other still waits for its first answer.
    expect([receiver.received.length, receiver.aborted]).toEqual([1, 0]);
  });

  it('delivers nothing in the name of a suspended system', async () => {
    const { datasetId } = await exchange.dataset();
    const owner = await exchange.system(consumer, ['events:read']);
    const { receiver, id } = await hooks.hook(await exchange.agreement(datasetId), {}, owner);
    await exchange.principal(owner, 'suspended', 2);
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(async () =>
      expect((await hooks.view(id)).lastError).toEqual(expect.stringContaining('decision.denied')),
    );
    expect(receiver.received).toHaveLength(0);
    const denied = (await exchange.entries(datasetId)).filter((entry) => entry.outcome === 'denied');
    expect(denied[0]).toMatchObject({ operation: 'subscriptions:deliver', subscriptionId: id });
    await denyLong(id);
    await exchange.principal(owner, 'active', 3);
    await eventually(() => expect(receiver.ids).toEqual(['1']));
  });

  it.each(['suspended', 'expired'] as const)('breaks off a request on its way when its right is %s', async (how) => {
    const owner = await exchange.system(consumer, ['events:read']);
    const { datasetId } = await exchange.dataset();
    const { terms } = await exchange.agreement(datasetId);
    const validTo = new Date(Date.now() + 3_600_000).toISOString();
    const { receiver, id } = await hooks.hook(
      await exchange.agreement(datasetId, { terms: { ...terms, validTo } }),
      {},
      owner,
    );
    receiver.isHolding = true;
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.aborted).toBe(0);
    if (how === 'suspended') await exchange.principal(owner, 'suspended', 2);
    else exchange.decideAt(new Date(validTo));
    // Sooner than a request without an answer ends by itself.
    await eventually(() => expect(receiver.aborted).toBe(1));
    await hooks.shows(id, { lastError: expect.stringContaining('decision.denied') as string });
  });

  it.each([
    ['consumer', '11330100000000004'],
    ['provider', '11330100000000005'],
  ])('delivers again as soon as a suspended %s is active', async (party, first17) => {
    const code = first17 + creditCodeCheck(first17);
    await exchange.department(code);
    const { datasetId } = await exchange.dataset();
    const owner = await exchange.system(party === 'consumer' ? code : consumer, ['events:read']);
    const agreement = await exchange.agreement(datasetId, { [`${party}Department`]: code });
    const { receiver, id } = await hooks.hook(agreement, {}, owner);
    await exchange.department(code, 'suspended', 2);
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(async () => {
      const rows = await exchange.db.query('SELECT last_error FROM subscriptions WHERE subscription_id = $1', [id]);
      expect(rows).toEqual([{ last_error: expect.stringContaining('decision.denied') }]);
    });
    await denyLong(id);
    await exchange.department(code, 'active', 3);
    await eventually(() => expect(receiver.ids).toEqual(['1']));
  });

  it('lets the receivers of one department hold up none of another at the same address', async () => {
    const receiver = await hooks.receiver();
    receiver.holds = (path) => path === '/slow';
    const at = (path: string) => ({ url: new URL(path, receiver.url).href });
    const outsider = await exchange.system(stranger, ['events:read']);
    const { datasetId: quick } = await exchange.dataset();
    const agreement = await exchange.agreement(quick, { consumerDepartment: stranger });
    const { id } = await hooks.hook(agreement, at('/quick'), outsider);
    for (let n = 0; n < 2; n += 1) {
      const { datasetId } = await exchange.dataset();
      await hooks.hook(await exchange.agreement(datasetId), { ...at('/slow'), order: 'key' });
      const events = Array.from({ length: 8 }, (_, i) => event(datasetId, String(i + 1)));
      await exchange.publishBatch(hooks.publisher, events);
    }
    // Each holds eight connections.
    const arrived = (path: string) => receiver.received.filter((one) => one.path === path);
    await eventually(() => expect(arrived('/slow')).toHaveLength(16));
    await exchange.publish(hooks.publisher, event(quick, '1'));
    await eventually(() => expect(arrived('/quick')).toHaveLength(1), 5_000);
    const rows = await exchange.db.query<object[]>('SELECT failures FROM subscriptions WHERE subscription_id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ failures: 0 }]);
  });
});

it('refuses private addresses where they are not allowed', async () => {
  const strict = await Exchange.start({ WEBHOOK_ALLOW_PRIVATE: 'false' });
  const caller = await strict.system(consumer, ['events:read']);
  const { datasetId } = await strict.dataset();
  const { agreementId } = await strict.agreement(datasetId);
  const order = { agreementId, purpose: 'case-handling', mode: 'webhook', startFrom: 'now' };
  for (const url of ['https://127.0.0.1/x', 'https://[::1]/x', 'http://example.org/', 'https://localhost/x']) {
    const answer = await strict.call('POST', '/v1/subscriptions', caller, { ...order, webhook: { url } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'webhook.address-refused' } });
  }
  await strict.stop();
}, 60_000);
