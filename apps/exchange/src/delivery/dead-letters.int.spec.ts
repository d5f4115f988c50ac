import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { eventually } from '@govbus/testing';
import { event, type Exchange, marker, stranger } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

type Letter = { deadLetterId: string; firstPosition: number; lastPosition: number; attempts: number; reason: string };
const at = (id: string) => `/v1/subscriptions/${id}/dead-letters`;
const view = (id: string) => hooks.view(id);
const letters = async (id: string, query = '') => {
  const { body } = await exchange.call('GET', at(id) + query, hooks.reader);
  return { items: body.items as Letter[], nextCursor: body.nextCursor };
};
const redrive = (id: string, letter: Letter | undefined, caller = hooks.reader) =>
  exchange.call('POST', `${at(id)}/${String(letter?.deadLetterId)}/redrive`, caller);

const redriveAll = (id: string, caller = hooks.reader) => exchange.call('POST', `${at(id)}/redrive`, caller);

/** A subscription with one page put aside for each of `count` events. */
async function withLetters(count: number) {
  const hook = await hooks.hooked({ maxAttempts: 1 });
  hook.receiver.answer = { status: 500 };
  for (let id = 1; id <= count; id += 1) {
    await exchange.publish(hooks.publisher, event(hook.datasetId, String(id)));
    await eventually(async () => expect(await view(hook.id)).toMatchObject({ webhook: { deadLetters: id } }));
  }
  hook.receiver.received.splice(0);
  hook.receiver.answer = { status: 204 };
  return hook;
}

describe('dead letters', () => {
  it('hold the place of a page after its last attempt, and delivery goes on behind it', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ maxAttempts: 2 });
    receiver.answer = { status: 500 };
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(async () =>
      expect(await view(id)).toMatchObject({ ackedPosition: 1, delivered: 0, webhook: { deadLetters: 1 } }),
    );
    expect(receiver.ids).toEqual(['1', '1']);
    receiver.answer = { status: 204 };
    await exchange.publish(hooks.publisher, event(datasetId, '2'));
    await eventually(async () => expect(await view(id)).toMatchObject({ ackedPosition: 2, delivered: 1 }));
    const { items, nextCursor } = await letters(id);
    expect(nextCursor).toBeUndefined();
    expect(items).toMatchObject([
      { firstPosition: 1, lastPosition: 1, records: 1, attempts: 2, reason: 'the receiver answered 500' },
    ]);
    const kept = JSON.stringify(await exchange.db.query('SELECT * FROM dead_letters'));
    expect(kept).not.toContain(marker);
    expect(kept).not.toContain('key-1');
    const entries = (await exchange.entries(datasetId)).filter(({ operation }) =>
      String(operation).includes('dead-letter'),
    );
    expect(entries).toMatchObject([{ subscriptionId: id, positions: { first: 1, last: 1 }, records: 1 }]);
  });

  it('are listed by pages, and to their own department alone', async () => {
    const { id } = await withLetters(3);
    const first = await letters(id, '?limit=2');
    const second = await letters(id, `?limit=2&cursor=${String(first.nextCursor)}`);
    expect([...first.items, ...second.items].map(({ firstPosition }) => firstPosition)).toEqual([1, 2, 3]);
    expect(second.nextCursor).toBeUndefined();
    const outsider = await exchange.system(stranger, ['events:read']);
    expect((await exchange.call('GET', at(id), outsider)).status).toBe(404);
    expect((await redrive(id, first.items[0], outsider)).status).toBe(404);
    expect((await view(id)).webhook).toMatchObject({ maxAttempts: 1, deadLetters: 3 });
  });

  it('are delivered anew, recorded, and then gone', async () => {
    const { datasetId, receiver, id } = await withLetters(2);
    const { items } = await letters(id);
    expect(await redrive(id, items[0])).toMatchObject({ status: 200, body: { delivered: true } });
    expect(receiver.ids).toEqual(['1']);
    expect(await view(id)).toMatchObject({ ackedPosition: 2, delivered: 1, webhook: { deadLetters: 1 } });
    expect(await redrive(id, items[0])).toMatchObject({ status: 404, body: { code: 'dead-letter.unknown' } });
    const disclosure = `disclosure:${String(receiver.received[0]?.headers['govbus-disclosure'])}`;
    const entries = await exchange.entries(datasetId);
    expect(entries.filter(({ entity }) => entity === disclosure)).toHaveLength(1);
    expect(entries.map(({ operation }) => operation)).toContain('subscriptions:redrive');
  });

  it('stay, with one attempt more, when the receiver does not take them again', async () => {
    const { receiver, id } = await withLetters(1);
    receiver.answer = { status: 507 };
    const { items } = await letters(id);
    expect((await redrive(id, items[0])).body).toEqual({ delivered: false, error: 'the receiver answered 507' });
    expect((await letters(id)).items).toMatchObject([{ attempts: 2, reason: 'the receiver answered 507' }]);
    receiver.answer = { status: 204 };
    expect((await redrive(id, items[0])).body).toMatchObject({ delivered: true });
  });

  it('go through the lens in force', async () => {
    const { agreement, receiver, id } = await withLetters(1);
    const terms = { ...agreement.terms, fields: ['/key'], masks: [] };
    await exchange.change({ ...agreement, terms, version: 2 });
    const [letter] = (await letters(id)).items;
    // Whoever begins before the change is heard everywhere is cut off, and may ask again.
    await eventually(async () => expect((await redrive(id, letter)).body).toEqual({ delivered: true }));
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject([{ data: { key: 'key-1' } }]);
    expect(receiver.received.at(-1)?.body).not.toContain('name');
  });

  it('are not delivered when the agreement is over, and stay', async () => {
    const { agreement, receiver, id } = await withLetters(1);
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    const [letter] = (await letters(id)).items;
    for (const attempt of [1, 2])
      expect([attempt, await redrive(id, letter)]).toMatchObject([
        attempt,
        { status: 403, body: { code: 'decision.denied' } },
      ]);
    expect(receiver.received).toHaveLength(0);
    expect((await letters(id)).items).toHaveLength(1);
  });

  it('are cut off by the revocation, and sent by one at a time', async () => {
    const { agreement, receiver, id } = await withLetters(1);
    receiver.isHolding = true;
    const [letter] = (await letters(id)).items;
    const answer = redrive(id, letter);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(await redrive(id, letter)).toMatchObject({ status: 409, body: { code: 'dead-letter.busy' } });
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    expect(await answer).toMatchObject({ status: 200, body: { delivered: false } });
    await eventually(() => expect(receiver.aborted).toBe(1));
  });

  it('stay, and nothing of them is sent, while it cannot be recorded who redrives them', async () => {
    const { datasetId, receiver, id } = await withLetters(2);
    const [letter] = (await letters(id)).items;
    await exchange.db.query(
      `CREATE FUNCTION refuse_redrives() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'the record cannot be written'; END $$;
       CREATE CONSTRAINT TRIGGER refuse_redrives AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW WHEN (NEW.value LIKE '%subscriptions:redrive%') EXECUTE FUNCTION refuse_redrives()`,
    );
    try {
      for (const answer of [await redrive(id, letter), await redriveAll(id)])
        expect(answer.status).toBeGreaterThanOrEqual(500);
    } finally {
      await exchange.db.query('DROP FUNCTION refuse_redrives CASCADE');
    }
    expect(receiver.received).toHaveLength(0);
    expect((await letters(id)).items).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
    // At once, not only when the turn of those who were refused would have been over.
    expect((await redrive(id, letter)).body).toEqual({ delivered: true });
    expect((await redriveAll(id)).body).toEqual({ delivered: 1, remaining: 0 });
    const redriven = (await exchange.entries(datasetId)).filter(
      ({ operation }) => operation === 'subscriptions:redrive',
    );
    expect(redriven).toHaveLength(2);
  });

  it('of one department are redriven few at a time, each in its turn', async () => {
    const { receiver, id } = await withLetters(5);
    receiver.isHolding = true;
    const answers = (await letters(id)).items.map((letter) => redrive(id, letter));
    await eventually(() => expect(receiver.received).toHaveLength(4));
    // Not one more, though each has been asked for: what follows the claims of the four says so.
    expect(await exchange.db.query('SELECT 1 FROM dead_letters WHERE busy_until IS NOT NULL')).toHaveLength(4);
    receiver.isHolding = false;
    receiver.release();
    for (const answer of answers) expect((await answer).body).toEqual({ delivered: true });
    expect(new Set(receiver.ids).size).toBe(5);
  });

  it('are redriven all together, the oldest first, each recorded as one by itself', async () => {
    const { datasetId, receiver, id } = await withLetters(3);
    expect(await redriveAll(id)).toMatchObject({ status: 200, body: { delivered: 3, remaining: 0 } });
    expect(receiver.ids).toEqual(['1', '2', '3']);
    expect((await letters(id)).items).toEqual([]);
    expect(await view(id)).toMatchObject({ delivered: 3, webhook: { deadLetters: 0 } });
    const redriven = (await exchange.entries(datasetId)).filter(
      ({ operation }) => operation === 'subscriptions:redrive',
    );
    expect(redriven.map(({ positions }) => positions)).toEqual([1, 2, 3].map((at) => ({ first: at, last: at })));
    // Asked for once more it has nothing to do.
    expect((await redriveAll(id)).body).toEqual({ delivered: 0, remaining: 0 });
    expect(receiver.ids).toHaveLength(3);
  });

  it('are redriven together up to the first that is not taken, and from there on the next time', async () => {
    const { receiver, id } = await withLetters(4);
    receiver.answerTo = ([first]) => (first?.id === '3' ? { status: 422 } : undefined);
    const error = 'the receiver answered 422';
    expect((await redriveAll(id)).body).toEqual({ delivered: 2, remaining: 2, error });
    expect((await letters(id)).items).toMatchObject([
      { firstPosition: 3, attempts: 2, reason: error },
      { firstPosition: 4, attempts: 1, reason: 'the receiver answered 500' },
    ]);
    receiver.answerTo = () => undefined;
    expect((await redriveAll(id)).body).toEqual({ delivered: 2, remaining: 0 });
    expect(receiver.ids).toEqual(['1', '2', '3', '3', '4']);
    expect(await view(id)).toMatchObject({ delivered: 4, webhook: { deadLetters: 0 } });
  });

  it('are passed over while another redrives them, so that each goes out once', async () => {
    const { receiver, id } = await withLetters(3);
    receiver.isHolding = true;
    const [first] = (await letters(id)).items;
    const single = redrive(id, first);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    const all = redriveAll(id);
    await eventually(() => expect(receiver.received).toHaveLength(2));
    receiver.release();
    expect((await single).body).toEqual({ delivered: true });
    expect((await all).body).toMatchObject({ delivered: 2 });
    expect(receiver.ids).toEqual(['1', '2', '3']);
    expect(await view(id)).toMatchObject({ delivered: 3, webhook: { deadLetters: 0 } });
  });

  it('are redriven together in one of the turns of the department', async () => {
    const { receiver, id } = await withLetters(5);
    receiver.isHolding = true;
    const all = Array.from({ length: 5 }, () => redriveAll(id));
    await eventually(() => expect(receiver.received).toHaveLength(4));
    expect(await exchange.db.query('SELECT 1 FROM dead_letters WHERE busy_until IS NOT NULL')).toHaveLength(4);
    receiver.release();
    const answers = await Promise.all(all);
    expect(answers.reduce((sum, { body }) => sum + Number(body.delivered), 0)).toBe(5);
    expect([...receiver.ids].sort()).toEqual(['1', '2', '3', '4', '5']);
    expect((await letters(id)).items).toEqual([]);
  });

  it('are cut off by a revocation also when all are redriven: what arrived is gone, the rest stays', async () => {
    const { agreement, receiver, id } = await withLetters(3);
    receiver.onReceived = ({ body }) => (receiver.isHolding = body.includes('"id":"2"'));
    const answer = redriveAll(id);
    await eventually(() => expect(receiver.received).toHaveLength(2));
    await exchange.change({ ...agreement, status: 'revoked', version: 2 });
    expect(await answer).toMatchObject({
      status: 200,
      body: { delivered: 1, remaining: 2, error: 'cut off, because the agreement changed' },
    });
    await eventually(() => expect(receiver.aborted).toBe(1));
    expect((await letters(id)).items).toMatchObject([
      { firstPosition: 2, attempts: 1 },
      { firstPosition: 3, attempts: 1 },
    ]);
    expect(await redriveAll(id)).toMatchObject({ status: 403, body: { code: 'decision.denied' } });
    expect(receiver.ids).toEqual(['1', '2']);
    expect((await letters(id)).items).toHaveLength(2);
  });

  it('are redriven together by their own department alone, and while the subscription is active', async () => {
    const { receiver, id } = await withLetters(1);
    const outsider = await exchange.system(stranger, ['events:read']);
    expect(await redriveAll(id, outsider)).toMatchObject({ status: 404, body: { code: 'subscription.unknown' } });
    await hooks.at(id, 'pause');
    expect(await redriveAll(id)).toMatchObject({ status: 409, body: { code: 'subscription.not-active' } });
    expect(receiver.received).toHaveLength(0);
  });

  it('are redriven together at the rate that the receiver allows', async () => {
    const { receiver, id } = await withLetters(3);
    await exchange.db.query('UPDATE subscriptions SET webhook_rate = 1 WHERE subscription_id = $1', [id]);
    // The next is due in a minute, which is longer than one asks.
    expect((await redriveAll(id)).body).toEqual({ delivered: 1, remaining: 2 });
    await exchange.db.query('UPDATE subscriptions SET webhook_rate = 6000 WHERE subscription_id = $1', [id]);
    expect((await redriveAll(id)).body).toEqual({ delivered: 2, remaining: 0 });
    expect(receiver.ids).toEqual(['1', '2', '3']);
  });

  it('are listed from cursors of the list alone', async () => {
    const { id } = await hooks.hooked();
    for (const forged of [
      ['x', randomUUID()],
      ['2026-01-01T00:00:00.000Z', 'x'],
      [1, 2],
    ]) {
      const cursor = Buffer.from(JSON.stringify(forged)).toString('base64url');
      const refused = await exchange.call('GET', `${at(id)}?cursor=${cursor}`, hooks.reader);
      expect(refused).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
    }
  });

  it('keep the id of their message, and count once, however often they go out', async () => {
    const { datasetId, receiver, id } = await hooks.hooked({ maxAttempts: 1 });
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { ackedPosition: 1, delivered: 1 });
    receiver.answer = { status: 400 };
    await hooks.at(id, 'seek', { to: 'beginning' });
    await hooks.shows(id, { ackedPosition: 1, delivered: 1, webhook: { deadLetters: 1 } });
    receiver.answer = { status: 204 };
    const [letter] = (await letters(id)).items;
    expect((await redrive(id, letter)).body).toEqual({ delivered: true });
    expect(await view(id)).toMatchObject({ delivered: 1, webhook: { deadLetters: 0 } });
    const [first, replayed, redriven] = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(replayed).not.toBe(first);
    expect(redriven).toBe(replayed);
  });
});
