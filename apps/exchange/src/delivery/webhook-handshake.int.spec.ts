import 'reflect-metadata';
import type { Socket } from 'node:net';
import { eventually } from '@govbus/testing';
import type { Exchange } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';
import { HostileReceiver } from './hostile-receiver.shared.spec';

jest.setTimeout(90_000);

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(async () => {
  HostileReceiver.stopAll();
  await hooks.stop();
});

/** The next attempt begins now, also where a circuit would keep it back. */
async function hurry(id: string, url: string): Promise<void> {
  await exchange.db.query('DELETE FROM endpoint_circuits WHERE url = $1', [url]);
  await exchange.db.query('UPDATE subscriptions SET next_attempt_at = NULL WHERE subscription_id = $1', [id]);
}
const isDisclosed = async (datasetId: string): Promise<boolean> =>
  (await exchange.entries(datasetId)).some(({ action }) => action === 'disclose');

describe('a receiver that is asked whether it wants deliveries', () => {
  it.each([429, 500, 503])('has not refused them with %i: it is asked until it agrees', async (consentStatus) => {
    const { datasetId, receiver, id } = await hooks.hooked({ handshake: true });
    receiver.consentStatus = consentStatus;
    await hooks.publish(datasetId, '1');
    const lastError = `the receiver answered ${consentStatus}`;
    await hooks.shows(id, { status: 'active', ackedPosition: 0, lastError, nextAttemptAt: expect.any(String) });
    await eventually(async () => {
      await hurry(id, receiver.url);
      expect(receiver.asked.length).toBeGreaterThan(2);
    });
    expect(receiver.received).toHaveLength(0);
    expect(await isDisclosed(datasetId)).toBe(false);

    Object.assign(receiver, { consentStatus: 200, consent: { 'webhook-allowed-origin': '*' } });
    await eventually(async () => {
      await hurry(id, receiver.url);
      expect(receiver.ids).toEqual(['1']);
    });
    await hooks.shows(id, { status: 'active', ackedPosition: 1, delivered: 1, failures: 0 });
  });

  it('is not asked again before the time that it names', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ handshake: true });
    Object.assign(receiver, { consentStatus: 503, consent: { 'retry-after': '1800' } });
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { status: 'active', lastError: 'the receiver answered 503', webhook: { circuit: 'open' } });
    const [row] = await exchange.db.query<{ waits: boolean }[]>(
      `SELECT next_attempt_at BETWEEN now() + interval '20 min' AND now() + interval '31 min' AS waits
         FROM subscriptions WHERE subscription_id = $1`,
      [id],
    );
    expect(row?.waits).toBe(true);
    // Another one shows that the worker has come by since.
    const elsewhere = await hooks.hooked();
    await hooks.publish(elsewhere.datasetId, '1');
    await hooks.shows(elsewhere.id, { delivered: 1 });
    expect([receiver.asked.length, receiver.received.length]).toEqual([1, 0]);
  });

  it('has refused them for good with 410', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ handshake: true });
    receiver.consentStatus = 410;
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { status: 'stopped', stopReason: 'webhook.not-allowed' });
    expect([receiver.asked.length, receiver.received.length]).toEqual([1, 0]);
    expect(await isDisclosed(datasetId)).toBe(false);
  });

  const answers: [string, (socket: Socket) => unknown][] = [
    ['never answers', () => undefined],
    ['answers something else', (socket) => socket.write('220 mail.example ESMTP\r\n')],
    ['answers half of a status', (socket) => socket.end('HTTP/1.1 20')],
    ['hangs up', (socket) => socket.resetAndDestroy()],
  ];
  it.each(answers)('and %s is sent nothing, and is asked again', async (_, answer) => {
    const hostile = await HostileReceiver.start((socket) => void answer(socket));
    const { datasetId, id } = await hooks.hooked({ url: hostile.url, handshake: true });
    await hooks.publish(datasetId, '1');
    const lastError = expect.stringMatching(/^no (connection|answer within)/) as string;
    const expected = { status: 'active', ackedPosition: 0, lastError, nextAttemptAt: expect.any(String) as string };
    await eventually(async () => expect(await hooks.view(id)).toMatchObject(expected), 30_000);
    const before = hostile.asked;
    expect(before).toBeGreaterThan(0);
    await hurry(id, hostile.url);
    await eventually(() => expect(hostile.asked).toBeGreaterThan(before));
    expect(hostile.requests).toBe(0);
    expect(await isDisclosed(datasetId)).toBe(false);
  });
});
