import 'reflect-metadata';
import type { DeliveredEvent } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { Receiver } from '../delivery/receiver.int.spec';
import { SseClient } from '../delivery/sse-client.int.spec';
import { event } from '../exchange.int.spec';
import { TwoExchanges } from './two-exchanges.int.spec';

// A topic, its producer and its pages take their time on a busy machine.
jest.setTimeout(60_000);

let two: TwoExchanges;
let receiver: Receiver;
beforeAll(async () => {
  two = await TwoExchanges.start();
  receiver = await Receiver.start();
}, 60_000);
afterAll(async () => {
  receiver.stop();
  await two.stop();
});

const some = (count: number): object[] => Array.from({ length: count }, () => ({}));
const idsOf = (body: Record<string, unknown>): string[] => (body.events as DeliveredEvent[]).map(({ id }) => id);

/** An agreement with limits, whose minute and day last until the test says otherwise. */
async function limited(limits: { accessesPerMinute?: number; recordsPerDay?: number }, events: number) {
  const agreed = await two.agreed({ limits }, some(events));
  await two.windows(agreed.agreementId, 'later');
  return { ...agreed, id: await two.subscription(agreed.agreementId) };
}
const bothAtOnce = (id: string, count: number, query = '') =>
  Promise.all(Array.from({ length: count }, (_, i) => two.pull(id, query, i % 2 ? two.first : two.second)));
async function disclosed(datasetId: string): Promise<number> {
  const entries = (await two.first.entries(datasetId)).filter(({ action }) => action === 'disclose');
  return entries.reduce((sum, { records }) => sum + Number(records), 0);
}

describe('accesses a minute', () => {
  it('are counted over both processes, and the one too many is told how long to wait', async () => {
    const { agreementId, datasetId, id } = await limited({ accessesPerMinute: 4 }, 1);
    const answers = await bothAtOnce(id, 10);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { status, body, headers } of refused) {
      expect({ status, code: body.code }).toEqual({ status: 429, code: 'agreement.limit-reached' });
      expect(body.explanation).toMatchObject({
        code: 'agreement.rate',
        attribute: 'agreement.terms.limits.accessesPerMinute',
        limit: 4,
      });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(await disclosed(datasetId)).toBe(4);
    await two.windows(agreementId, 'now');
    expect((await two.pull(id)).status).toBe(200);
  });

  it('count for all subscriptions and queries of the agreement together, queries that find nothing included', async () => {
    const { agreementId, id } = await limited({ accessesPerMinute: 3 }, 1);
    const other = await two.subscription(agreementId);
    expect((await two.pull(id)).status).toBe(200);
    expect((await two.pull(other)).status).toBe(200);
    expect(await two.query(agreementId, { key: 'nobody' })).toMatchObject({ status: 200, body: { events: [] } });
    expect(await two.query(agreementId)).toMatchObject({ status: 429, body: { code: 'agreement.limit-reached' } });
  });

  it('do not count a page with nothing in it, nor what was refused for another reason', async () => {
    const { agreementId, id } = await limited({ accessesPerMinute: 1 }, 1);
    const { body } = await two.pull(await two.subscription(agreementId, { startFrom: 'now' }));
    expect(body.events).toEqual([]);
    expect((await two.query(agreementId, { where: [{ field: '/phone', equals: 'x' }], key: undefined })).status).toBe(
      400,
    );
    expect((await two.pull(id)).status).toBe(200);
    expect((await two.pull(id)).status).toBe(429);
  });
});

describe('records a day', () => {
  it('are never more than agreed, however many ask at once in both processes', async () => {
    const { datasetId, id } = await limited({ recordsPerDay: 7 }, 10);
    const answers = await bothAtOnce(id, 10, '?limit=3');
    const given = answers.flatMap(({ status, body }) => (status === 200 ? idsOf(body) : []));
    expect(given).toHaveLength(7);
    expect(await disclosed(datasetId)).toBe(7);
    for (const { status, body } of answers)
      if (status !== 200) expect(body.explanation).toMatchObject({ code: 'agreement.volume', limit: 7 });
  });

  it('cut a page to what is left, and the next day goes on behind it', async () => {
    const { agreementId, id } = await limited({ recordsPerDay: 3 }, 5);
    const { body } = await two.pull(id);
    expect(idsOf(body)).toEqual(['1', '2', '3']);
    expect(body.hasMore).toBe(true);
    const refused = await two.pull(id, `?cursor=${String(body.nextCursor)}`);
    expect(refused).toMatchObject({ status: 429, body: { code: 'agreement.limit-reached' } });
    await two.windows(agreementId, 'now');
    expect(idsOf((await two.pull(id, `?cursor=${String(body.nextCursor)}`)).body)).toEqual(['4', '5']);
  });
});

describe('what the bus sends by itself waits until there is something again: no failure, no alarm, nothing lost', () => {
  /** A subscription whose third event is one too many for today. */
  async function waiting(over: object) {
    const made = await limited({ recordsPerDay: 2 }, 0);
    const id = await two.subscription(made.agreementId, over);
    for (const one of ['1', '2', '3']) await two.first.publish(two.publisher, event(made.datasetId, one));
    await two.first.ledgerAt(made.datasetId, 3);
    return { ...made, id };
  }
  /** What is kept of a subscription that pushes, once it waits for the next day. */
  async function isHeldBack(id: string): Promise<void> {
    await eventually(async () => {
      const [row] = await two.first.db.query<{ failures: number; last_error: string | null; wait: number }[]>(
        `SELECT failures, last_error, extract(epoch FROM next_attempt_at - now())::integer AS wait
           FROM subscriptions WHERE subscription_id = $1`,
        [id],
      );
      const error = expect.stringContaining('2 records a day') as string;
      expect(row).toMatchObject({ failures: 0, last_error: error });
      expect(row?.wait).toBeGreaterThan(3_600);
    }, 30_000);
  }
  const isDue = (id: string) =>
    two.first.db.query('UPDATE subscriptions SET next_attempt_at = NULL WHERE subscription_id = $1', [id]);

  it('by webhook', async () => {
    const { agreementId, id } = await waiting({ mode: 'webhook', webhook: { url: receiver.url } });
    await isHeldBack(id);
    expect(receiver.ids).toEqual(['1', '2']);
    expect(await two.overScopes(agreementId)).toEqual([]);
    await two.windows(agreementId, 'now');
    await isDue(id);
    await eventually(() => expect(receiver.ids).toEqual(['1', '2', '3']));
  });

  it('by Kafka', async () => {
    const { agreementId, id } = await waiting({ mode: 'kafka' });
    const delivered = async () => (await two.first.call('GET', `/v1/subscriptions/${id}`, two.reader)).body.delivered;
    await isHeldBack(id);
    expect(await delivered()).toBe(2);
    expect(await two.overScopes(agreementId)).toEqual([]);
    await two.windows(agreementId, 'now');
    await isDue(id);
    await eventually(async () => expect(await delivered()).toBe(3));
  });

  it('as a stream, which stays open', async () => {
    const { agreement, agreementId, id } = await waiting({ mode: 'sse' });
    const client = await SseClient.open(two.first, id, two.reader);
    await eventually(() => expect(client.events.map((sent) => sent.id)).toEqual(['1', '2']));
    await two.windows(agreementId, 'now');
    // Every change of the agreement has the next page decided at once.
    await two.first.change({ ...agreement, version: 2 });
    await eventually(() => expect(client.events.map((sent) => sent.id)).toEqual(['1', '2', '3']));
    expect(client.isEnded).toBe(false);
    expect(await two.overScopes(agreementId)).toEqual([]);
    client.close();
  });
});

it('costs an agreement without limits nothing: it is counted nowhere', async () => {
  const { agreementId } = await two.agreed({}, [{}]);
  expect((await two.pull(await two.subscription(agreementId))).status).toBe(200);
  expect(await two.first.db.query('SELECT 1 FROM agreement_usage WHERE agreement_id = $1', [agreementId])).toEqual([]);
});
