import 'reflect-metadata';
import { createPublicKey, verify } from 'node:crypto';
import { eventually } from '@govbus/testing';
import { Webhook } from 'standardwebhooks';
import type { Exchange } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';
import type { Receiver } from './receiver.int.spec';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

const view = (id: string) => hooks.view(id);
const at = (id: string, what: string, body?: object) => hooks.at(id, what, body);
const publish = (datasetId: string, id: string) => hooks.publish(datasetId, id);
const verifies = (secret: string, { headers, body }: Receiver['received'][number]): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};
/** As a receiver does that holds the public key (`v1a`). */
const isSignedBy = (publicKey: string, { headers, body }: Receiver['received'][number]): boolean => {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = Buffer.from(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`);
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((one) => one.startsWith('v1a,'))
    .some((one) => verify(null, signed, key, Buffer.from(one.slice(4), 'base64')));
};

describe('the id of a message', () => {
  it('is the same for each attempt, although the ledger has grown and each attempt is a disclosure', async () => {
    const { datasetId, receiver, id } = await hooks.hooked();
    receiver.answer = { status: 500 };
    await publish(datasetId, '1');
    await eventually(() => expect(receiver.received).toHaveLength(1));
    await publish(datasetId, '2');
    await exchange.ledgerAt(datasetId, 2);
    await eventually(() => expect(receiver.received.length).toBeGreaterThan(1));
    receiver.answer = { status: 204 };
    await eventually(async () => expect(await view(id)).toMatchObject({ ackedPosition: 2, delivered: 2 }));
    const [last, ...attempts] = [...receiver.received].reverse();
    expect(JSON.parse(last?.body ?? '')).toMatchObject([{ id: '2' }]);
    for (const { body } of attempts) expect(JSON.parse(body)).toMatchObject([{ id: '1' }]);
    const ids = new Set(attempts.map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^msg_[\w-]+$/);
    expect(ids).not.toContain(last?.headers['webhook-id']);
    const disclosures = new Set(receiver.received.map(({ headers }) => headers['govbus-disclosure']));
    expect(disclosures.size).toBe(receiver.received.length);
  });
});

describe('rotating the secret', () => {
  it('signs with both keys, the newest first, until the overlap ends', async () => {
    const { datasetId, receiver, secret, id } = await hooks.hooked();
    const { status, body } = await at(id, 'rotate-secret', { overlapHours: 1 });
    const { secret: next, previousSecretUntil } = body.webhook as { secret: string; previousSecretUntil: string };
    expect([status, body.version]).toEqual([200, 2]);
    expect(next).not.toBe(secret);
    expect(Date.parse(previousSecretUntil)).toBeGreaterThan(Date.now());
    await publish(datasetId, '1');
    await eventually(() => expect(receiver.received).toHaveLength(1));
    const [both] = receiver.received;
    if (!both) throw new Error('nothing came');
    expect([verifies(next, both), verifies(secret, both)]).toEqual([true, true]);
    const [newest = ''] = String(both.headers['webhook-signature']).split(' ');
    expect(verifies(next, { ...both, headers: { ...both.headers, 'webhook-signature': newest } })).toBe(true);
    await exchange.db.query('UPDATE subscriptions SET previous_secret_until = now() WHERE subscription_id = $1', [id]);
    await publish(datasetId, '2');
    await eventually(() => expect(receiver.received).toHaveLength(2));
    const [, one] = receiver.received;
    if (!one) throw new Error('nothing came');
    expect([verifies(next, one), verifies(secret, one)]).toEqual([true, false]);
  });

  it('shows it once, keeps it sealed, and leaves a record', async () => {
    const { datasetId, id, secret } = await hooks.hooked();
    const { body } = await at(id, 'rotate-secret', {});
    const { secret: next } = body.webhook as { secret: string };
    expect(JSON.stringify(await view(id))).not.toContain(next);
    const rows = JSON.stringify(
      await exchange.db.query('SELECT * FROM subscriptions WHERE subscription_id = $1', [id]),
    );
    for (const kept of [secret, next]) expect(rows).not.toContain(kept.slice(6));
    expect((await exchange.entries(datasetId)).map(({ operation }) => operation)).toContain(
      'subscriptions:rotate-secret',
    );
    expect(await at(id, 'rotate-secret', { overlapHours: 169 })).toMatchObject({ status: 400 });
  });

  it('may change to a key of which the receiver has the public half alone, and keeps to it', async () => {
    const { datasetId, receiver, secret, id } = await hooks.hooked();
    expect(await view(id)).toMatchObject({ webhook: { signature: 'v1' } });
    const { body } = await at(id, 'rotate-secret', { overlapHours: 1, signature: 'v1a' });
    const { publicKey } = body.webhook as { publicKey: string };
    expect(body.webhook).toMatchObject({ signature: 'v1a', publicKey: expect.stringMatching(/^whpk_/) });
    expect(JSON.stringify(body)).not.toMatch(/wh(sec|sk)_/);
    await publish(datasetId, '1');
    await eventually(() => expect(receiver.received).toHaveLength(1));
    const [both] = receiver.received;
    if (!both) throw new Error('nothing came');
    expect([isSignedBy(publicKey, both), verifies(secret, both)]).toEqual([true, true]);

    const { body: anew } = await at(id, 'rotate-secret', { overlapHours: 0 });
    const { publicKey: next } = anew.webhook as { publicKey: string };
    expect(anew.webhook).toMatchObject({ signature: 'v1a' });
    expect((await view(id)).webhook).toMatchObject({ publicKey: next });
    await publish(datasetId, '2');
    await eventually(() => expect(receiver.received).toHaveLength(2));
    const [, one] = receiver.received;
    if (!one) throw new Error('nothing came');
    expect([isSignedBy(next, one), isSignedBy(publicKey, one), verifies(secret, one)]).toEqual([true, false, false]);
    expect(await at(id, 'rotate-secret', { signature: 'v2' })).toMatchObject({ status: 400 });
  });

  it('is signed so from the beginning where the subscription says so', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ signature: 'v1a' });
    const { webhook } = (await view(id)) as { webhook: { publicKey: string } };
    await publish(datasetId, '1');
    await eventually(() => expect(receiver.received).toHaveLength(1));
    const [one] = receiver.received;
    expect(one && isSignedBy(webhook.publicKey, one)).toBe(true);
  });

  it('is nothing for one that is pulled', async () => {
    const { agreementId } = await exchange.agreement((await exchange.dataset()).datasetId);
    const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'now' };
    const { body } = await exchange.call('POST', '/v1/subscriptions', hooks.reader, order);
    const refused = await at(String(body.subscriptionId), 'rotate-secret', {});
    expect(refused).toMatchObject({ status: 409, body: { code: 'subscription.no-webhook' } });
  });
});

describe('the handshake', () => {
  it('sends nothing without consent, and asks again when resumed', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ handshake: true });
    receiver.consent = { 'webhook-allowed-origin': 'elsewhere.example.org' };
    await publish(datasetId, '1');
    await eventually(async () =>
      expect(await view(id)).toMatchObject({
        status: 'stopped',
        stopReason: 'webhook.not-allowed',
        lastError: expect.stringContaining('does not allow'),
      }),
    );
    expect(receiver.received).toHaveLength(0);
    expect((await exchange.entries(datasetId)).some(({ action }) => action === 'disclose')).toBe(false);
    receiver.consent = { 'webhook-allowed-origin': '127.0.0.1' };
    await at(id, 'resume');
    await eventually(() => expect(receiver.ids).toEqual(['1']));
    expect(receiver.asked).toHaveLength(2);
    expect(receiver.asked[0]).toMatchObject({ 'webhook-request-origin': '127.0.0.1' });
    await publish(datasetId, '2');
    await eventually(() => expect(receiver.ids).toEqual(['1', '2']));
    expect(receiver.asked).toHaveLength(2);
  });

  it('keeps the rate that the receiver allows', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ handshake: true });
    receiver.consent = { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '1' };
    await publish(datasetId, '1');
    await eventually(() => expect(receiver.ids).toEqual(['1']));
    await eventually(async () => expect(await view(id)).toMatchObject({ ackedPosition: 1, webhook: { rate: 1 } }));
    const [row] = await exchange.db.query<{ paused: boolean }[]>(
      `SELECT next_attempt_at > now() + interval '30 s' AS paused FROM subscriptions WHERE subscription_id = $1`,
      [id],
    );
    expect(row?.paused).toBe(true);
  });

  it('asks nothing where it was not wanted', async () => {
    const { datasetId, receiver } = await hooks.hooked();
    await publish(datasetId, '1');
    await eventually(() => expect(receiver.ids).toEqual(['1']));
    expect(receiver.asked).toHaveLength(0);
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '1800'],
    ['a date', () => new Date(Date.now() + 1_800_000).toUTCString()],
  ])('is obeyed as %s', async (_, value) => {
    const { datasetId, receiver, id } = await hooks.hooked();
    receiver.answer = { status: 503, headers: { 'retry-after': value() } };
    await publish(datasetId, '1');
    await eventually(async () => expect((await view(id)).lastError).toBe('the receiver answered 503'));
    const [row] = await exchange.db.query<{ waits: boolean }[]>(
      `SELECT next_attempt_at BETWEEN now() + interval '20 min' AND now() + interval '31 min' AS waits
         FROM subscriptions WHERE subscription_id = $1`,
      [id],
    );
    expect(row?.waits).toBe(true);
  });
});
