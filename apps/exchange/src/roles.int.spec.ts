import { eventually } from '@govbus/testing';
import type { AppConfig } from './app.config';
import { Receiver } from './delivery/receiver.int.spec';
import { type Caller, consumer, event, Exchange, provider } from './exchange.int.spec';

jest.setTimeout(120_000);

let ingest: Exchange;
let ledger: Exchange;
let delivery: Exchange;
let publisher: Caller;
let reader: Caller;
let receiver: Receiver;

const start = (EXCHANGE_ROLES: string, beside?: Exchange): Promise<Exchange> => {
  const { DATABASE_URL, SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE, LEDGER_GROUP } = beside?.config ?? ({} as AppConfig);
  const shared = beside && { DATABASE_URL, SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE, LEDGER_GROUP };
  return Exchange.start({ ...shared, EXCHANGE_ROLES, INBOX: 'off' });
};
beforeAll(async () => {
  ingest = await start('ingest');
  ledger = await start('ledger', ingest);
  delivery = await start('delivery', ingest);
  publisher = await ledger.system(provider, ['events:publish']);
  reader = await ledger.system(consumer, ['events:read']);
  receiver = await Receiver.start();
});
afterAll(async () => {
  receiver.stop();
  for (const exchange of [delivery, ledger, ingest]) await exchange.stop();
});

const subscribe = async (agreementId: string, over: object = {}): Promise<string> => {
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning', ...over };
  const { status, body } = await delivery.call('POST', '/v1/subscriptions', reader, order);
  expect(status).toBe(201);
  return String(body.subscriptionId);
};
const positionsOf = (body: Record<string, unknown>): string[] => (body.events as { id: string }[]).map(({ id }) => id);
const publish = async (datasetId: string, from: number, to: number): Promise<void> => {
  const ids = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const { status } = await ingest.publishBatch(
    publisher,
    ids.map((id) => event(datasetId, String(id))),
  );
  expect(status).toBe(202);
};
const upTo = (last: number): string[] => Array.from({ length: last }, (_, i) => String(i + 1));

describe('the roles of a process', () => {
  it.each([
    ['ingest', 'GET', '/v1/subscriptions'],
    ['ledger', 'GET', '/v1/subscriptions'],
    ['ledger', 'POST', '/v1/events'],
    ['ledger', 'GET', '/v1/events/status?source=/a&id=1'],
    ['delivery', 'POST', '/v1/events'],
  ] as const)('leave %s without %s %s', async (role, method, url) => {
    const body = method === 'POST' ? {} : undefined;
    const answer = await { ingest, ledger, delivery }[role].call(method, url, reader, body);
    expect(answer).toMatchObject({ status: 404, body: { code: 'route.unknown' } });
  });

  it('carry an event from one process to the next: accepted, stored, delivered', async () => {
    const { datasetId } = await ledger.dataset();
    const { agreementId } = await ledger.agreement(datasetId);
    const pulled = await subscribe(agreementId);
    await subscribe(agreementId, { mode: 'webhook', webhook: { url: receiver.url } });
    await publish(datasetId, 1, 3);
    await ledger.ledgerAt(datasetId, 3);
    const { body } = await delivery.call('GET', `/v1/subscriptions/${pulled}/events?wait=10`, reader);
    expect(positionsOf(body)).toEqual(upTo(3));
    await eventually(() => expect(receiver.ids).toEqual(upTo(3)));
    const status = await ingest.call('GET', `/v1/events/status?source=/tests/${datasetId}&id=2`, publisher);
    expect(status.body).toMatchObject({ status: 'stored', position: 2 });
  });

  it('let every process learn of a change that any of them heard', async () => {
    const dataset = await delivery.dataset();
    const agreement = await ingest.agreement(dataset.datasetId);
    const id = await subscribe(agreement.agreementId);
    await publish(dataset.datasetId, 1, 1);
    const page = `/v1/subscriptions/${id}/events`;
    expect(positionsOf((await delivery.call('GET', `${page}?wait=10`, reader)).body)).toEqual(['1']);

    const waiting = delivery.call('GET', `${page}?wait=30`, reader);
    await ingest.call('GET', '/health/live');
    await delivery.call('POST', `/v1/subscriptions/${id}/ack`, reader, { position: 1 });
    await ledger.change({ ...agreement, status: 'revoked', version: 2 });
    expect(await delivery.call('GET', page, reader)).toMatchObject({ status: 403 });
    expect([200, 403]).toContain((await waiting).status);

    await delivery.dataset({ ...dataset, status: 'retired', version: 2 });
    await ingest.reloaded(dataset.datasetId, 2);
  });

  it('tell what they measure, each of its own', async () => {
    const { datasetId } = await ledger.dataset();
    await subscribe((await ledger.agreement(datasetId)).agreementId);
    await publish(datasetId, 1, 1);
    const textOf = async (exchange: Exchange) => (await exchange.app.inject({ url: '/metrics' })).body;
    const failuresIn = (text: string): number => Number(/^govbus_scrape_failures_total (\d+)$/m.exec(text)?.[1] ?? 0);
    const last = new Map<Exchange, { text: string; failures: number }>();
    /** That an answer made anew counts no failure more than the one before: a busy machine may be late once. */
    const isWhole = (exchange: Exchange, text: string): void => {
      const known = last.get(exchange);
      if (known?.text !== text) last.set(exchange, { text, failures: failuresIn(text) });
      else if (failuresIn(text) > 0) throw new Error('not made anew yet');
      expect(failuresIn(text)).toBe(known?.failures ?? 0);
    };
    await eventually(async () => {
      const texts = await Promise.all([ingest, ledger, delivery].map(textOf));
      const [ingested = '', written = '', delivered = ''] = texts;
      expect(ingested).toMatch(/^govbus_events_accepted_total\{form="batch"\} [1-9]/m);
      expect(ingested).not.toMatch(/^govbus_delivery_lag|^govbus_ledger_lag_messages\{/m);
      expect(written).toMatch(/^govbus_ledger_lag_messages\{partition="\d+"\} 0$/m);
      expect(written).toMatch(/^govbus_ledger_batch_seconds_count [1-9]/m);
      expect(delivered).toMatch(/^govbus_subscriptions\{mode="pull",status="active"\} [1-9]/m);
      expect(delivered).toMatch(/^govbus_open_requests\{kind="pull"\} 0$/m);
      for (const [i, exchange] of [ingest, ledger, delivery].entries()) isWhole(exchange, texts[i] ?? '');
    });
  });

  it('count refusals by their code', async () => {
    await ingest.publish(publisher, event('no-such-dataset', '1'));
    await eventually(async () => {
      const { body } = await ingest.app.inject({ url: '/metrics' });
      expect(body).toMatch(/^govbus_events_refused_total\{code="dataset.unknown"\} 1$/m);
    });
  });

  it('are ready when they can do their part, and say what they know', async () => {
    await eventually(async () => {
      expect(await ledger.call('GET', '/health/ready')).toMatchObject({
        status: 200,
        body: { details: { ledger: {} } },
      });
    });
    const body = await eventually(async () => {
      const answer = await delivery.call('GET', '/health/ready');
      expect(answer.status).toBe(200);
      return answer.body;
    });
    expect(body.details).toMatchObject({ registry: { status: 'up', isFresh: expect.any(Boolean) as boolean } });
    expect(body.details).not.toHaveProperty('ledger');
  });
});

describe('a process that is added', () => {
  it('takes over what another leaves, without a word to anybody', async () => {
    const { datasetId } = await ledger.dataset();
    const { agreementId } = await ledger.agreement(datasetId);
    const target = await Receiver.start();
    const first = await start('delivery', ingest);
    const second = await start('delivery', ingest);
    const id = await subscribe(agreementId, { mode: 'webhook', webhook: { url: target.url } });
    await publish(datasetId, 1, 100);
    await eventually(() => expect(target.ids.length).toBeGreaterThan(0));
    await Promise.all([first.stop(), publish(datasetId, 101, 200)]);
    await eventually(() => expect([...new Set(target.ids)].sort(byNumber)).toEqual(upTo(200)), 20_000);
    await eventually(async () => {
      const { body } = await second.call('GET', `/v1/subscriptions/${id}`, reader);
      expect(body).toMatchObject({ status: 'active', ackedPosition: 200, delivered: 200 });
    });
    // Nobody was killed: each event went out once.
    expect(target.ids).toHaveLength(200);
    await second.stop();
    target.stop();
  });
});

const byNumber = (a: string, b: string): number => Number(a) - Number(b);
