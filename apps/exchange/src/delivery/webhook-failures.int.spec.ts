import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { event, type Exchange } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

/** The next attempt begins now, also where a circuit would keep it back. */
async function hurry(id: string, url: string): Promise<void> {
  await exchange.db.query('DELETE FROM endpoint_circuits WHERE url = $1', [url]);
  await exchange.db.query('UPDATE held_events SET due_at = now() WHERE subscription_id = $1 AND due_at IS NOT NULL', [
    id,
  ]);
  await exchange.db.query(
    'UPDATE subscriptions SET next_attempt_at = NULL, held_due_at = least(held_due_at, now()) WHERE subscription_id = $1',
    [id],
  );
}
const lettersOf = async (id: string) =>
  (await exchange.call('GET', `/v1/subscriptions/${id}/dead-letters`, hooks.reader)).body.items;

const putAsideInTheEnd = (id: string, url: string): Promise<void> =>
  eventually(async () => {
    await hurry(id, url);
    expect(await hooks.view(id)).toMatchObject({ ackedPosition: 1, webhook: { deadLetters: 1 } });
  });
/** It has failed so often, and its page waits without an attempt being counted. */
const waitsAt = (id: string, failures: number): Promise<void> =>
  eventually(async () => {
    const view = await hooks.view(id);
    const lastError = expect.any(String) as string;
    expect(view).toMatchObject({ status: 'active', ackedPosition: 0, attempts: 0, lastError });
    expect(view).toMatchObject({ nextAttemptAt: expect.any(String) as string, webhook: { deadLetters: 0 } });
    expect(view.failures).toBeGreaterThanOrEqual(failures);
  });

describe('what a receiver refuses for its content', () => {
  it.each([400, 413, 415, 422])('is put aside after three attempts at %i, and the rest goes on', async (status) => {
    const { datasetId, receiver, id } = await hooks.hooked({ maxEvents: 1 });
    receiver.answerTo = ([first]) => (first?.id === '1' ? { status } : undefined);
    await exchange.publishBatch(
      hooks.publisher,
      ['1', '2', '3'].map((name) => event(datasetId, name)),
    );
    // Not hurried: the waits are short.
    await hooks.shows(id, {
      ackedPosition: 3,
      delivered: 2,
      failures: 0,
      webhook: { maxAttempts: 20, deadLetters: 1, circuit: 'closed' },
    });
    expect(receiver.ids).toEqual(['1', '1', '1', '2', '3']);
    expect(await lettersOf(id)).toMatchObject([
      { firstPosition: 1, lastPosition: 1, attempts: 3, reason: `the receiver answered ${status}` },
    ]);
  });

  it('is a whole page where several events go together', async () => {
    const { datasetId, receiver, id } = await hooks.hooked();
    await hooks.at(id, 'pause');
    await exchange.publishBatch(
      hooks.publisher,
      ['1', '2', '3'].map((name) => event(datasetId, name)),
    );
    await exchange.ledgerAt(datasetId, 3);
    receiver.answer = { status: 422 };
    await hooks.at(id, 'resume');
    await hooks.shows(id, { ackedPosition: 3, webhook: { deadLetters: 1 } });
    expect(await lettersOf(id)).toMatchObject([{ firstPosition: 1, lastPosition: 3, records: 3, attempts: 3 }]);
  });

  it('is put aside after three attempts where the order is that of the keys', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ order: 'key' });
    receiver.answerTo = ([first]) => (first?.id === '1' ? { status: 422 } : undefined);
    await exchange.publishBatch(
      hooks.publisher,
      ['1', '2'].map((name) => event(datasetId, name, { key: 'one' })),
    );
    await hooks.shows(id, { ackedPosition: 2, delivered: 1, webhook: { held: 0, deadLetters: 1 } });
    expect(receiver.ids).toEqual(['1', '1', '1', '2']);
    expect(await lettersOf(id)).toMatchObject([{ attempts: 3 }]);
  });

  it('waits as briefly after a long outage', async () => {
    const { datasetId, receiver, id } = await hooks.hooked();
    await exchange.db.query('UPDATE subscriptions SET failures = 60 WHERE subscription_id = $1', [id]);
    receiver.answer = { status: 422 };
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { ackedPosition: 1, webhook: { deadLetters: 1 } });
  });

  it.each([401, 404, 302, 500])('is not known from %i, which counts as before', async (status) => {
    const { datasetId, receiver, id } = await hooks.hooked({ maxAttempts: 5 });
    receiver.answer = { status };
    await hooks.publish(datasetId, '1');
    await putAsideInTheEnd(id, receiver.url);
    expect(receiver.received).toHaveLength(5);
    expect(await lettersOf(id)).toMatchObject([{ attempts: 5 }]);
  });
});

describe('a receiver that is away', () => {
  it.each([429, 502, 503, 504, 'nothing'] as const)(
    'at %s has no page put aside, and gets all in order',
    async (how) => {
      const { datasetId, receiver, id } = await hooks.hooked({ maxAttempts: 1 });
      if (how === 'nothing') receiver.isDeaf = true;
      else receiver.answer = { status: how };
      await hooks.publish(datasetId, '1');
      for (let failures = 1; failures <= 4; failures += 1) {
        await waitsAt(id, failures);
        // What is published meanwhile stays behind the page that waits.
        await hooks.publish(datasetId, String(failures + 1));
        await exchange.ledgerAt(datasetId, failures + 1);
        await hurry(id, receiver.url);
      }
      receiver.received.splice(0);
      receiver.isDeaf = false;
      receiver.answer = { status: 204 };
      await hurry(id, receiver.url);
      await hooks.shows(id, { ackedPosition: 5, delivered: 5, failures: 0, webhook: { deadLetters: 0 } });
      expect(receiver.ids.slice(-5)).toEqual(['1', '2', '3', '4', '5']);
      expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toHaveLength(4);
    },
  );

  it('by refusing the connection has no page put aside', async () => {
    // Where nothing listens, nor will: a port that was free a moment ago may be another's.
    const url = 'http://127.0.0.1:2/hook';
    const { datasetId, id } = await hooks.hooked({ url, maxAttempts: 1 });
    await hooks.publish(datasetId, '1');
    for (let failures = 1; failures <= 3; failures += 1) {
      await waitsAt(id, failures);
      await hurry(id, url);
    }
    expect((await hooks.view(id)).lastError).toBe('no connection: ECONNREFUSED');
  });

  it('between failures of its own counts those alone', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ maxAttempts: 2 });
    const answers = [500, 503, 503, 500];
    receiver.answerTo = () => ({ status: answers[receiver.received.length - 1] ?? 204 });
    await hooks.publish(datasetId, '1');
    await putAsideInTheEnd(id, receiver.url);
    expect(receiver.received).toHaveLength(4);
    expect(await lettersOf(id)).toMatchObject([{ attempts: 2, reason: 'the receiver answered 500' }]);
  });
});
