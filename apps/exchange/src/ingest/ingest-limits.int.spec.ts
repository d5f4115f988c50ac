import 'reflect-metadata';
import { Readable } from 'node:stream';
import { Producer } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';
import { InboxIntake } from './inbox-intake';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await Exchange.start({ INGEST_EVENTS_PER_SECOND: 5, INGEST_BYTES_PER_DAY: 100_000, INBOX: 'on' });
}, 60_000);
afterAll(() => exchange.stop());

const newSystem = (): Promise<Caller> => exchange.system(provider, ['events:publish']);
const volumeOf = async ({ id }: Caller): Promise<number> => {
  const rows = await exchange.db.query<{ bytes: string }[]>('SELECT bytes FROM ingest_volumes WHERE system = $1', [id]);
  return Number(rows[0]?.bytes ?? 0);
};

describe('limits of a system', () => {
  it('are told with each answer', async () => {
    const { datasetId } = await exchange.dataset();
    const publisher = await newSystem();
    const { headers } = await exchange.publish(publisher, event(datasetId, '1'));
    expect(headers['ratelimit-policy']).toBe('"events";q=10;w=2, "bytes";q=100000;qu="content-bytes";w=86400');
    expect(headers.ratelimit).toMatch(/^"events";r=9;t=1, "bytes";r=99\d{3};t=\d{1,5}$/);
  });

  it('refuse who owes events, with when to come again, and nobody else', async () => {
    const { datasetId } = await exchange.dataset();
    const [publisher, other] = [await newSystem(), await newSystem()];
    const events = Array.from({ length: 60 }, (_, i) => event(datasetId, `${i}`));
    // More than there is left: a large batch is taken, and paid for afterwards.
    expect(await exchange.publishBatch(publisher, events)).toMatchObject({ status: 202, body: { accepted: 60 } });
    const refused = await exchange.publish(publisher, event(datasetId, 'late'));
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate.exceeded', title: 'Too many requests' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(11);
    expect(refused.headers.ratelimit).toMatch(/^"events";r=0;t=\d+, /);
    expect(await exchange.entries()).toContainEqual(
      expect.objectContaining({
        code: 'rate.exceeded',
        actor: expect.objectContaining({ id: publisher.id }) as object,
      }),
    );
    expect(await exchange.publish(other, event(datasetId, 'other'))).toMatchObject({ status: 202 });
    await eventually(async () => {
      const { payload } = await exchange.app.inject({ method: 'GET', url: '/metrics' });
      expect(payload).toContain('govbus_events_refused_total{code="rate.exceeded"} 1');
    });
  });

  it('end a stream that has used up the bytes of the day, and record it', async () => {
    const { datasetId } = await exchange.dataset();
    const publisher = await newSystem();
    const line = (id: string, data = {}) => `${JSON.stringify(event(datasetId, id, data))}\n`;
    async function* lines() {
      yield line('1');
      await exchange.ledgerAt(datasetId, 1);
      yield line('2', { name: 'x'.repeat(120_000) });
    }
    const body = Readable.from(lines());
    const token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' };
    const { payload } = await exchange.app.inject({ method: 'POST', url: '/v1/events', headers, payload: body });
    expect(payload).toMatch(/"problem":{"code":"rate.exceeded",/);
    const entries = (await exchange.entries()) as { code?: string; actor: { id: string } }[];
    const own = entries.filter(({ actor }) => actor.id === publisher.id);
    expect(own.map(({ code }) => code)).toEqual([undefined, 'rate.exceeded']);
  });

  it('refuse who has published the bytes of the day, over all processes', async () => {
    const { datasetId } = await exchange.dataset();
    const publisher = await newSystem();
    const large = event(datasetId, '1', { name: 'x'.repeat(60_000) });
    expect(await exchange.publish(publisher, large)).toMatchObject({ status: 202 });
    await eventually(async () => expect(await volumeOf(publisher)).toBeGreaterThan(60_000));
    // As another process would.
    await exchange.db.query('UPDATE ingest_volumes SET bytes = bytes + 60000 WHERE system = $1', [publisher.id]);
    await eventually(async () =>
      expect(await exchange.publish(publisher, event(datasetId, '2'))).toMatchObject({
        status: 429,
        body: { code: 'rate.exceeded', detail: 'the system has published its bytes of the day' },
      }),
    );
    // What it writes into its inbox waits there.
    const value = Buffer.from(JSON.stringify(event(datasetId, '3')));
    const headers: [string, Buffer][] = [['content-type', Buffer.from('application/cloudevents+json')]];
    const message = { offset: 0n, key: null, value, timestamp: 0, headers };
    const taken = await exchange.app.get(InboxIntake).take(`inbox.${publisher.id}`, 0, [message]);
    expect(taken).toEqual({ restMs: 60_000, isLeft: true });
  });

  it('slow an inbox down, and no other', async () => {
    const { datasetId } = await exchange.dataset();
    const [slow, other] = [await newSystem(), await newSystem()];
    const headers = { 'content-type': 'application/cloudevents+json' };
    const messages = (to: Caller, ids: string[]) =>
      ids.map((id) => ({ topic: `inbox.${to.id}`, key: 'k', value: JSON.stringify(event(datasetId, id)), headers }));
    const producer = exchange.app.get(Producer);
    // Both are read before anything is slowed: a topic that is new makes the readers begin anew.
    for (const [n, system] of [slow, other].entries()) {
      await eventually(() => producer.sendAll(messages(system, [`first-${n}`])), 30_000);
      await exchange.ledgerAt(datasetId, n + 1);
    }
    const many = Array.from({ length: 60 }, (_, i) => `slow-${i}`);
    await producer.sendAll(messages(slow, many));
    await exchange.ledgerAt(datasetId, 62);
    // It owes some fifty events, which take ten seconds: this one waits.
    await producer.sendAll(messages(slow, ['slow-last']));
    await producer.sendAll(messages(other, ['other']));
    await exchange.ledgerAt(datasetId, 64);
    const rows = await exchange.db.query<{ event_id: string }[]>(
      'SELECT event_id FROM events WHERE dataset_id = $1 AND position > 62 ORDER BY position',
      [datasetId],
    );
    expect(rows.map((row) => row.event_id)).toEqual(['other', 'slow-last']);
  }, 60_000);
});
