import 'reflect-metadata';
import { Unavailable } from '@govbus/contracts';
import type { Clock } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { consumer, event, type Exchange } from '../exchange.int.spec';
import { retryDelayMs } from '../subscriptions/subscription.rules';
import { Hooks } from './hooks.int.spec';
import { ShareDelivery } from './share-delivery';
import { resendDelayMs } from './share.rules';
import { ShareSender } from './share-sender';

jest.setTimeout(90_000);

let hooks: Hooks;
let exchange: Exchange;
beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => hooks.stop());

/** The least and the most that chance adds, after so many failures in a row. */
const cases = [1, 4, 8].flatMap((failures) => [0, 0.999].map((jitter) => [failures, jitter] as const));
/** The next failure of a subscription is the one of this number. */
const nextIs = (id: string, failures: number): Promise<unknown> =>
  exchange.db.query('UPDATE subscriptions SET failures = $2 WHERE subscription_id = $1', [id, failures - 1]);

describe('a webhook that fails', () => {
  it.each(cases)('waits longer each time, and as chance says: failure %i, chance %d', async (failures, jitter) => {
    jest.spyOn(Math, 'random').mockReturnValue(jitter);
    const { datasetId, receiver, id } = await hooks.hooked();
    // What follows is held, so that the wait can be looked at however late it is.
    receiver.answerTo = () => {
      receiver.isHolding = true;
      return { status: 500 };
    };
    await nextIs(id, failures);
    const [started] = await exchange.db.query<{ at: string }[]>('SELECT clock_timestamp()::text AS at');
    await hooks.publish(datasetId, '1');
    const row = await eventually(async () => {
      const [found] = await exchange.db.query<{ failures: number; least: number; most: number }[]>(
        `SELECT failures, extract(epoch FROM next_attempt_at - clock_timestamp())::float8 * 1000 AS least,
                extract(epoch FROM next_attempt_at - $2::timestamptz)::float8 * 1000 AS most
           FROM subscriptions WHERE subscription_id = $1`,
        [id, started?.at],
      );
      expect(found?.failures).toBe(failures);
      return found;
    });
    // It began between the two times from which it is counted.
    const waitMs = retryDelayMs(failures, jitter);
    expect(row?.least).toBeLessThanOrEqual(waitMs);
    expect(row?.most).toBeGreaterThanOrEqual(waitMs);
    receiver.release();
  });
});

describe('what is delivered by Kafka', () => {
  /** A subscription with its topic, in the name of a system of its own, whose delivery knows but one time. */
  async function shared() {
    const owner = await exchange.system(consumer, ['events:read']);
    const { datasetId } = await exchange.dataset();
    const made = await exchange.agreement(datasetId);
    const { agreementId } = made;
    await exchange.change({ ...made, terms: { ...made.terms, deliveryModes: ['kafka'] }, version: 2 });
    const order = { agreementId, purpose: 'case-handling', mode: 'kafka', startFrom: 'beginning' };
    const { status, body } = await exchange.call('POST', '/v1/subscriptions', owner, order);
    expect(status).toBe(201);
    const id = String(body.subscriptionId);
    const isThere = 'SELECT 1 FROM share_topics WHERE subscription_id = $1 AND is_created';
    await eventually(async () => expect(await exchange.db.query(isThere, [id])).toHaveLength(1), 30_000);
    const at = new Date(Date.now() + 3_600_000);
    const delivery = exchange.app.get(ShareDelivery) as unknown as { clock: Pick<Clock, 'now'> };
    jest.replaceProperty(delivery, 'clock', { now: () => at });
    const publish = async (): Promise<void> =>
      expect((await exchange.publish(hooks.publisher, event(datasetId, '1'))).status).toBe(202);
    /** It is due so many ms after that time. */
    const waits = (failures: number, waitMs: number, lastError: string): Promise<void> =>
      eventually(async () => {
        const [row] = await exchange.db.query<{ failures: number; due: Date | null; lastError: string | null }[]>(
          `SELECT failures, next_attempt_at AS due, last_error AS "lastError"
             FROM subscriptions WHERE subscription_id = $1`,
          [id],
        );
        const due = new Date(at.getTime() + waitMs);
        expect(row).toEqual({ failures, due, lastError: expect.stringContaining(lastError) as string });
      }, 30_000);
    return { owner, id, publish, waits };
  }

  it.each(cases)(
    'waits longer each time that it is denied, and as chance says: denial %i, chance %d',
    async (failures, jitter) => {
      jest.spyOn(Math, 'random').mockReturnValue(jitter);
      const { owner, id, publish, waits } = await shared();
      await nextIs(id, failures);
      await exchange.principal(owner, 'suspended', 2);
      await publish();
      await waits(failures, retryDelayMs(failures, jitter), 'decision.denied');
    },
  );

  it.each(cases)(
    'waits for seconds at most when Kafka does not take it, and as chance says: failure %i, chance %d',
    async (failures, jitter) => {
      jest.spyOn(Math, 'random').mockReturnValue(jitter);
      const away = new Unavailable('bus.unavailable', 'no broker takes it');
      jest.spyOn(exchange.app.get(ShareSender), 'send').mockRejectedValue(away);
      const { id, publish, waits } = await shared();
      await nextIs(id, failures);
      await publish();
      await waits(failures, resendDelayMs(failures, jitter), 'no broker takes it');
    },
  );
});
