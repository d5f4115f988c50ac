import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { AgreementRecordV1, DeliveredEvent } from '@govbus/contracts';
import { BatchReader, deleteTopics, topicRanges } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { type Caller, consumer, event, Exchange, marker, provider } from '../exchange.int.spec';
import { lease } from './lease.sql';
import { confirmShared } from './share.sql';
import { ShareSender } from './share-sender';

jest.setTimeout(90_000);

type Message = { partition: number; key: string; event: DeliveredEvent };

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;
let brokers: string[];
const readers: BatchReader[] = [];

beforeAll(async () => {
  exchange = await Exchange.start();
  brokers = exchange.config.brokers;
  publisher = await exchange.system(provider, ['events:publish']);
  reader = await exchange.system(consumer, ['events:read']);
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await Promise.all(readers.map((one) => one.stop()));
  await exchange.stop();
}, 60_000);

const terms = (over: object = {}): AgreementRecordV1['terms'] => ({
  purposes: ['case-handling'],
  legalBasis: 'Regulation, article 2',
  fields: ['/key', '/name'],
  masks: [{ field: '/name', kind: 'redact' }],
  rowFilter: { equals: { field: '/area', value: 'north' } },
  validFrom: '2020-01-01T00:00:00Z',
  validTo: '2099-01-01T00:00:00Z',
  deliveryModes: ['kafka'],
  ...over,
});

/** All messages of a topic, in the order in which each partition holds them; grows as more come. */
async function messagesOf(id: string): Promise<Message[]> {
  const messages: Message[] = [];
  const one = new BatchReader({
    brokers,
    clientId: 'spec',
    groupId: `spec-${randomUUID()}`,
    topic: `share.${id}`,
    log: () => undefined,
    startAt: () => Promise.resolve(undefined),
    onBatch: (partition, raw) => {
      for (const { key, value } of raw)
        messages.push({ partition, key: String(key), event: JSON.parse(String(value)) as DeliveredEvent });
      return Promise.resolve();
    },
  });
  readers.push(one);
  await one.start();
  return messages;
}
const subscriptionOf = async (id: string) => (await exchange.call('GET', `/v1/subscriptions/${id}`, reader)).body;
async function subscribe(agreementId: string, from = exchange, by = reader): Promise<string> {
  const order = { agreementId, purpose: 'case-handling', mode: 'kafka', startFrom: 'beginning' };
  const { status, body } = await from.call('POST', '/v1/subscriptions', by, order);
  expect(status).toBe(201);
  expect(body.topic).toBe(`share.${String(body.subscriptionId)}`);
  return String(body.subscriptionId);
}
const isThere = async (id: string, from = exchange): Promise<boolean> => {
  const rows = await from.db.query<unknown[]>('SELECT 1 FROM share_topics WHERE subscription_id = $1 AND is_created', [
    id,
  ]);
  return rows.length > 0;
};
const topicOf = (id: string): Promise<void> => eventually(async () => expect(await isThere(id)).toBe(true), 30_000);
async function subscribed(over: object = {}) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId, { terms: terms(over) });
  const id = await subscribe(agreement.agreementId);
  return { datasetId, agreement, id };
}
async function publish(datasetId: string, from: number, count: number, data: (i: number) => object = () => ({})) {
  const events = Array.from({ length: count }, (_, i) => event(datasetId, String(from + i), data(from + i)));
  expect((await exchange.publishBatch(publisher, events)).status).toBe(202);
  await exchange.ledgerAt(datasetId, from + count - 1);
}
const ackedAt = (id: string, position: number): Promise<void> =>
  eventually(async () => expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: position }), 30_000);
const arrived = (messages: Message[], count: number): Promise<void> =>
  eventually(() => expect(messages).toHaveLength(count), 30_000);
const positions = (messages: Message[]): number[] => messages.map(({ event: { id } }) => Number(id));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
const sorted = (numbers: number[]): number[] => [...numbers].sort((a, b) => a - b);

describe('a subscription by Kafka', () => {
  it('has a topic of its own, with the granted events of each record in their order, through the lens', async () => {
    const { datasetId, id } = await subscribed();
    await publish(datasetId, 1, 900, (i) => ({ key: `key-${i % 7}`, ...(i % 3 ? {} : { area: 'south' }) }));
    const messages = await messagesOf(id);
    await arrived(messages, 600);
    expect(sorted(positions(messages))).toEqual(upTo(900).filter((i) => i % 3));
    for (const key of new Set(messages.map((message) => message.key))) {
      const own = messages.filter((message) => message.key === key);
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      expect(positions(own)).toEqual(sorted(positions(own)));
      expect(own[0]?.event).toMatchObject({ specversion: '1.0', data: { key, name: null } });
    }
    expect(JSON.stringify(messages)).not.toContain(marker);
    await ackedAt(id, 900);
    expect(await subscriptionOf(id)).toMatchObject({ delivered: 600, lag: 0 });
    const rows = await exchange.db.query<{ sum: string }[]>(
      'SELECT sum(records) FROM disclosures WHERE subscription_id = $1',
      [id],
    );
    expect(Number(rows[0]?.sum)).toBeGreaterThanOrEqual(600);
    expect(await exchange.outboxText()).not.toContain(marker);
  });

  it('goes on where it was after a pause, and counts what is replayed once', async () => {
    const { datasetId, id } = await subscribed();
    await publish(datasetId, 1, 3);
    await ackedAt(id, 3);
    await exchange.call('POST', `/v1/subscriptions/${id}/pause`, reader);
    await publish(datasetId, 4, 3);
    await exchange.call('POST', `/v1/subscriptions/${id}/resume`, reader);
    await ackedAt(id, 6);
    const messages = await messagesOf(id);
    await arrived(messages, 6);
    await exchange.call('POST', `/v1/subscriptions/${id}/seek`, reader, { to: { position: 3 } });
    await arrived(messages, 10);
    expect(sorted(positions(messages))).toEqual(sorted([...upTo(6), 3, 4, 5, 6]));
    await ackedAt(id, 6);
    expect(await subscriptionOf(id)).toMatchObject({ delivered: 6 });
  });
});

describe('in a planned outage of its consumer', () => {
  it('a topic gets nothing, and all of it when the outage is over', async () => {
    const { datasetId, agreement, id } = await subscribed();
    const other = await subscribe(agreement.agreementId);
    await publish(datasetId, 1, 1);
    await ackedAt(id, 1);
    const [from, until] = [-1_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const order = { subscriptionId: id, from, until, reason: 'a new version is installed' };
    const { status, body } = await exchange.call('POST', '/v1/outages', reader, order);
    expect(status).toBe(201);
    await publish(datasetId, 2, 2);
    await ackedAt(other, 3);
    expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: 1, lag: 2 });
    expect((await exchange.call('DELETE', `/v1/outages/${String(body.outageId)}`, reader)).status).toBe(204);
    await ackedAt(id, 3);
    const messages = await messagesOf(id);
    await arrived(messages, 3);
  });
});

describe('the key of a message', () => {
  const keysOf = async (over: object) => {
    const { datasetId, id } = await subscribed(over);
    await publish(datasetId, 1, 6, (i) => ({ key: `hidden-${i % 2}` }));
    const messages = await messagesOf(id);
    await arrived(messages, 6);
    const [even, odd] = [0, 1].map(
      (rest) => new Set(messages.filter(({ event: { id: at } }) => Number(at) % 2 === rest).map(({ key }) => key)),
    );
    expect([even?.size, odd?.size]).toEqual([1, 1]);
    return { text: JSON.stringify(messages), keys: [...(even ?? []), ...(odd ?? [])] };
  };

  it('is that of the record only where the agreement shows it', async () => {
    expect((await keysOf({})).keys).toEqual(['hidden-0', 'hidden-1']);
  });

  it('is a pseudonym of the agreement alone where the key is not granted or hidden by its mask', async () => {
    const notGranted = await keysOf({ fields: ['/area'], masks: [] });
    const redacted = await keysOf({ fields: ['/key'], masks: [{ field: '/key', kind: 'redact' }] });
    for (const { text } of [notGranted, redacted]) expect(text).not.toContain('hidden');
    expect(new Set([...notGranted.keys, ...redacted.keys]).size).toBe(4);
  });

  it('is masked where the key is', async () => {
    const masked = await keysOf({ fields: ['/key'], masks: [{ field: '/key', kind: 'pseudonym' }] });
    expect(masked.text).not.toContain('hidden');
    for (const key of masked.keys) expect(masked.text).toContain(`"data":{"key":"${key}"}`);
  });
});

describe('nothing is sent', () => {
  it.each(['suspended', 'revoked'] as const)('once the agreement is %s', async (status) => {
    const { datasetId, agreement, id } = await subscribed();
    const other = await subscribe((await exchange.agreement(datasetId, { terms: terms() })).agreementId);
    await publish(datasetId, 1, 2);
    const [messages, others] = [await messagesOf(id), await messagesOf(other)];
    await arrived(messages, 2);
    await exchange.change({ ...agreement, status, version: 2 });
    await publish(datasetId, 3, 5);
    await arrived(others, 7);
    await ackedAt(other, 7);
    expect(messages).toHaveLength(2);
    expect(await subscriptionOf(id)).toMatchObject({ status: 'stopped', ackedPosition: 2 });
    if (status === 'revoked') return;
    await exchange.change({ ...agreement, version: 3 });
    await arrived(messages, 7);
  });

  it('in the name of a suspended system, nor while it is not sure that the agreement stands', async () => {
    const { datasetId } = await exchange.dataset();
    const { agreementId } = await exchange.agreement(datasetId, { terms: terms() });
    const owner = await exchange.system(consumer, ['events:read']);
    const [denied, waiting] = [await subscribe(agreementId, exchange, owner), await subscribe(agreementId)];
    await topicOf(denied);
    await topicOf(waiting);
    await exchange.principal(owner, 'suspended', 2);
    await exchange.registryIsKnown('-infinity');
    await publish(datasetId, 1, 1);
    const saying = (id: string, text: string): Promise<void> =>
      eventually(async () => expect((await subscriptionOf(id)).lastError).toEqual(expect.stringContaining(text)));
    await saying(denied, 'decision.denied');
    await saying(waiting, 'may not have arrived');
    expect(await subscriptionOf(waiting)).toMatchObject({ ackedPosition: 0, delivered: 0 });
    await exchange.registryIsKnown();
    await ackedAt(waiting, 1);
    expect(await subscriptionOf(denied)).toMatchObject({ ackedPosition: 0, delivered: 0 });
    const entries = (await exchange.entries(datasetId)).filter(({ outcome }) => outcome === 'denied');
    expect(entries[0]).toMatchObject({ operation: 'subscriptions:deliver', subscriptionId: denied });
  });
});

describe('a page that waits for Kafka', () => {
  it('does not go out when its agreement has expired or its owner was suspended meanwhile', async () => {
    const validTo = new Date(Date.now() + 3_600_000).toISOString();
    const { datasetId, id: expiring } = await subscribed({ validTo });
    const { agreementId } = await exchange.agreement(datasetId, { terms: terms() });
    const owner = await exchange.system(consumer, ['events:read']);
    const [suspended, standing] = [await subscribe(agreementId, exchange, owner), await subscribe(agreementId)];
    const ids = [expiring, suspended, standing];
    await publish(datasetId, 1, 1);
    for (const id of ids) await ackedAt(id, 1);
    const { held, letGo } = holdSends();
    try {
      await publish(datasetId, 2, 1);
      await eventually(() => expect([...held.keys()].sort()).toEqual([...ids].sort()), 30_000);
      await exchange.principal(owner, 'suspended', 2);
      exchange.decideAt(new Date(validTo));
      await eventually(() => expect(ids.map((id) => held.get(id)?.aborted)).toEqual([true, true, false]), 30_000);
    } finally {
      letGo();
    }
    await ackedAt(standing, 2);
    for (const id of [expiring, suspended]) {
      await arrived(await messagesOf(id), 1);
      expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: 1, delivered: 1 });
    }
  });

  /** As behind a send that is slow: what goes to Kafka waits, each with its signal, until it is let go. */
  function holdSends() {
    const sender = exchange.app.get(ShareSender);
    const send = sender.send.bind(sender);
    const held = new Map<string, AbortSignal>();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const holding = jest.spyOn(sender, 'send').mockImplementation(async (subscription, page, signal) => {
      held.set(subscription.subscriptionId, signal);
      await opened;
      return send(subscription, page, signal);
    });
    const letGo = (): void => {
      holding.mockRestore();
      open();
    };
    return { held, letGo };
  }
});

describe('several processes', () => {
  it('share the work: everything arrives, in its order, and once while nothing fails', async () => {
    const { DATABASE_URL, SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE, LEDGER_GROUP } = exchange.config;
    const beside = await Exchange.start({ DATABASE_URL, SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE, LEDGER_GROUP });
    const { datasetId } = await exchange.dataset();
    const { agreementId } = await exchange.agreement(datasetId, { terms: terms() });
    const ids = await Promise.all(upTo(6).map((i) => subscribe(agreementId, i % 2 ? exchange : beside)));
    for (let from = 1; from <= 1501; from += 500) await publish(datasetId, from, 500, (i) => ({ key: `k${i % 5}` }));
    for (const id of ids) {
      const messages = await messagesOf(id);
      await arrived(messages, 2_000);
      expect(sorted(positions(messages))).toEqual(upTo(2_000));
      for (const partition of [0, 1, 2]) {
        const own = positions(messages.filter((message) => message.partition === partition));
        expect(own).toEqual(sorted(own));
      }
    }
    await beside.stop();
  });

  it('take over a lease that has run out, and who lost it changes nothing any more', async () => {
    const { datasetId, id } = await subscribed();
    await topicOf(id);
    const dead = randomUUID();
    const leased = (owner: string, until: Date) =>
      exchange.db.query('UPDATE subscriptions SET lease_owner = $2, lease_until = $3 WHERE subscription_id = $1', [
        id,
        owner,
        until,
      ]);
    await leased(dead, new Date(Date.now() + 3_600_000));
    await publish(datasetId, 1, 4);
    const taking = { mode: 'kafka' as const, owner: randomUUID(), limit: 10, full: [] };
    expect(await lease(taking, new Date(), exchange.db.manager)).toEqual([]);
    expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: 0 });
    await leased(dead, new Date());
    await ackedAt(id, 4);
    const late = { owner: dead, subscriptionId: id, after: 4, through: 9, positions: [5] };
    expect(await confirmShared(late, exchange.db.manager)).toBe(false);
    expect(await subscriptionOf(id)).toMatchObject({ ackedPosition: 4, delivered: 4 });
  });
});

describe('the topic', () => {
  it('is made when Kafka is back, and nothing is lost until then', async () => {
    const { DATABASE_URL, SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE } = exchange.config;
    const keys = { SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE };
    const away = await Exchange.start({ KAFKA_BROKERS: '127.0.0.1:1', ...keys });
    const by = await away.system(consumer, ['events:read']);
    const { datasetId } = await away.dataset();
    const { agreementId } = await away.agreement(datasetId, { terms: terms() });
    const id = await subscribe(agreementId, away, by);
    const attempts = async (): Promise<number> => {
      const rows = await away.db.query<{ attempts: number }[]>('SELECT attempts FROM share_topics');
      return rows[0]?.attempts ?? 0;
    };
    await eventually(async () => expect(await attempts()).toBeGreaterThan(0));
    expect(away.config.DATABASE_URL).not.toBe(DATABASE_URL);
    const back = await Exchange.start({ DATABASE_URL: away.config.DATABASE_URL, ...keys });
    await away.stop();
    await back.db.query('UPDATE share_topics SET due_at = now()');
    await eventually(async () => expect(await isThere(id, back)).toBe(true), 30_000);
    await back.stop();
  });

  it('is made again when it has gone, and goes with its subscription', async () => {
    const { datasetId, id } = await subscribed();
    await publish(datasetId, 1, 2);
    await ackedAt(id, 2);
    const topic = `share.${id}`;
    await deleteTopics({ brokers, topics: [topic] });
    // Until the broker has dropped it, it may take events that go with it.
    await eventually(
      () => expect(topicRanges({ brokers, clientId: 'spec', retries: 0 }, topic)).rejects.toThrow(),
      30_000,
    );
    await publish(datasetId, 3, 2);
    await ackedAt(id, 4);
    const messages = await messagesOf(id);
    await arrived(messages, 2);
    expect(sorted(positions(messages))).toEqual([3, 4]);
    expect((await exchange.call('DELETE', `/v1/subscriptions/${id}`, reader)).status).toBe(204);
    await eventually(async () => {
      const rows = await exchange.db.query<unknown[]>('SELECT 1 FROM share_topics WHERE subscription_id = $1', [id]);
      expect(rows).toEqual([]);
    }, 30_000);
  });
});
