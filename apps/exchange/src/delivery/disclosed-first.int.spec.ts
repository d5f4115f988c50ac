import 'reflect-metadata';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AgreementRecordV1, DeliveredEvent } from '@govbus/contracts';
import { BatchReader } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { event, marker } from '../exchange.int.spec';
import { insertDeadLetter } from './dead-letters.sql';
import { Hooks } from './hooks.int.spec';
import { SseClient } from './sse-client.int.spec';

jest.setTimeout(90_000);

let hooks: Hooks;
const closings: (() => unknown)[] = [];

beforeAll(async () => {
  hooks = await Hooks.start();
}, 60_000);
afterAll(async () => {
  for (const close of closings) await close();
  await hooks.stop();
}, 60_000);

/** What has come out by now: the ids, of what is asked for by asking once more. */
type Received = () => string[] | Promise<string[]>;
/** `begin`: what may begin only when the ledger holds the events. */
type Receiving = { received: Received; begin?: () => Promise<void> };
type Way = (agreement: AgreementRecordV1) => Promise<Receiving>;

const purpose = 'case-handling';
const hooked =
  (settings: object): Way =>
  async (agreement) => {
    const { receiver } = await hooks.hook(agreement, settings);
    return { received: () => receiver.ids };
  };
const subscribe = async (
  { agreementId }: AgreementRecordV1,
  mode: string,
  over: object = { startFrom: 'beginning' },
): Promise<string> => {
  const order = { agreementId, purpose, mode, ...over };
  const { status, body } = await hooks.exchange.call('POST', '/v1/subscriptions', hooks.reader, order);
  expect(status).toBe(201);
  return String(body.subscriptionId);
};
/** A client that comes again after each end of its stream, as browsers do. */
const streamed: Way = async (agreement) => {
  const id = await subscribe(agreement, 'sse');
  const clients: SseClient[] = [];
  const end = new AbortController();
  const follow = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const client = await SseClient.open(hooks.exchange, id, hooks.reader);
      clients.push(client);
      await client.ended();
    }
  };
  closings.push(() => {
    end.abort();
    clients.forEach((client) => client.close());
  });
  return {
    received: () => clients.flatMap(({ ids }) => ids),
    begin: () => Promise.resolve(void follow().catch(() => undefined)),
  };
};
const byKafka: Way = async (agreement) => {
  const id = await subscribe(agreement, 'kafka');
  const received: string[] = [];
  const reader = new BatchReader({
    brokers: hooks.exchange.config.brokers,
    clientId: 'spec',
    groupId: `spec-${randomUUID()}`,
    topic: `share.${id}`,
    log: () => undefined,
    startAt: () => Promise.resolve(undefined),
    onBatch: (_, messages) => {
      received.push(...messages.map(({ value }) => (JSON.parse(String(value)) as DeliveredEvent).id));
      return Promise.resolve();
    },
  });
  closings.unshift(() => reader.stop());
  await reader.start();
  return { received: () => received };
};

/** What is had by asking: `begin` makes what can be asked for, and answers how that is done. */
const asked =
  (begin: (agreement: AgreementRecordV1) => Promise<() => Promise<string[]>>): Way =>
  (agreement) => {
    let ask: Received = () => [];
    return Promise.resolve({ received: () => ask(), begin: async () => void (ask = await begin(agreement)) });
  };
const idsIn = ({ body }: { body: Record<string, unknown> }): string[] =>
  ((body.events ?? []) as DeliveredEvent[]).map(({ id }) => id);
const pulled = asked(async (agreement) => {
  const id = await subscribe(agreement, 'pull');
  return async () => idsIn(await hooks.exchange.call('GET', `/v1/subscriptions/${id}/events`, hooks.reader));
});
const queried = asked(({ agreementId }) =>
  Promise.resolve(async () => {
    const ids: string[] = [];
    for (const key of ['key-1', 'key-2', 'key-3'])
      ids.push(...idsIn(await hooks.exchange.call('POST', '/v1/queries', hooks.reader, { agreementId, purpose, key })));
    return ids;
  }),
);
const redriven = asked(async (agreement) => {
  const { exchange, reader } = hooks;
  const receiver = await hooks.receiver();
  const webhook = { url: receiver.url };
  // Behind all of it, so that the letter alone brings it.
  const subscriptionId = await subscribe(agreement, 'webhook', { webhook, startFrom: 'now' });
  const letter = { deadLetterId: randomUUID(), after: 0, through: 3, records: 3, attempts: 1, replays: 0 };
  const aside = { subscriptionId, reason: 'the receiver answered 500', putAsideAt: new Date() };
  await exchange.db.transaction((tx) => insertDeadLetter({ ...letter, ...aside }, tx));
  const path = `/v1/subscriptions/${subscriptionId}/dead-letters/${letter.deadLetterId}/redrive`;
  return async () => {
    await exchange.call('POST', path, reader);
    return receiver.ids;
  };
});
/** What is kept of a file could be downloaded. */
const filed = asked(async ({ agreementId }) => {
  const { exchange, reader } = hooks;
  const order = { agreementId, purpose, format: 'ndjson', of: 'events' };
  expect((await exchange.call('POST', '/v1/exports', reader, order)).status).toBe(202);
  return async () => {
    const chunks = await exchange.db.query<{ content: Buffer }[]>(
      'SELECT export_chunks.content FROM export_chunks JOIN exports USING (export_id) WHERE agreement_id = $1 ORDER BY chunk',
      [agreementId],
    );
    const lines = Buffer.concat(chunks.map(({ content }) => content))
      .toString()
      .split('\n');
    return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as DeliveredEvent).id);
  };
});

/**
 * The database refuses the record of every disclosure of an agreement, and counts how often it was tried. What is
 * `committed` is written first: whoever sent before the commit would have sent.
 */
async function refuseRecords(agreementId: string, refused: 'written' | 'committed') {
  const { db } = hooks.exchange;
  const name = `refused_${randomUUID().slice(0, 8)}`;
  // A sequence is not rolled back with the transaction that fails.
  await db.query(`CREATE SEQUENCE ${name}`);
  await db.query(
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN PERFORM nextval('${name}'); RAISE EXCEPTION 'the record cannot be written'; END $$`,
  );
  await db.query(
    `CREATE ${refused === 'written' ? 'TRIGGER' : 'CONSTRAINT TRIGGER'} ${name}
       ${refused === 'written' ? 'BEFORE INSERT ON disclosures' : 'AFTER INSERT ON disclosures DEFERRABLE INITIALLY DEFERRED'}
       FOR EACH ROW WHEN (NEW.agreement_id = '${agreementId}') EXECUTE FUNCTION ${name}()`,
  );
  return {
    count: async (): Promise<number> => {
      const [row] = await db.query<{ tried: string }[]>(
        `SELECT last_value - (NOT is_called)::int AS tried FROM ${name}`,
      );
      return Number(row?.tried);
    },
    end: () => db.query(`DROP TRIGGER ${name} ON disclosures`),
  };
}

const modes: [string, AgreementRecordV1['terms']['deliveryModes'][number], Way][] = [
  ['a webhook in order', 'webhook', hooked({})],
  ['a webhook ordered by key', 'webhook', hooked({ order: 'key' })],
  ['a webhook of batches', 'webhook', hooked({ maxEvents: 10 })],
  ['a stream', 'sse', streamed],
  ['Kafka', 'kafka', byKafka],
  ['pulling', 'pull', pulled],
  ['a query', 'query', queried],
  ['a dead letter', 'webhook', redriven],
  ['a file', 'file', filed],
];
/** Whoever sends before the commit is found by either; the first one besides by those that have nothing to wait for. */
const hindrancesOf = (way: Way) =>
  way === pulled || way === queried ? (['written', 'committed'] as const) : (['committed'] as const);

describe.each(modes)('by %s', (_, mode, way) => {
  it.each(hindrancesOf(way))(
    'nothing goes out while its record cannot be %s, and all of it afterwards, with hashed data subjects',
    async (hindrance) => {
      const { exchange, publisher } = hooks;
      const { datasetId } = await exchange.dataset();
      const made = await exchange.agreement(datasetId);
      const agreement = { ...made, terms: { ...made.terms, deliveryModes: [mode] }, version: 2 };
      await exchange.change(agreement);
      const refusal = await refuseRecords(agreement.agreementId, hindrance);
      const { received, begin } = await way(agreement);
      await exchange.publishBatch(
        publisher,
        ['1', '2', '3'].map((id) => event(datasetId, id)),
      );
      await exchange.ledgerAt(datasetId, 3);
      await begin?.();
      const early: string[] = [];
      // Twice: what the first try sent has come by then.
      await eventually(async () => {
        early.push(...(await received()));
        if (early.length === 0) expect(await refusal.count()).toBeGreaterThan(1);
      }, 30_000);
      expect(early).toEqual([]);
      expect((await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose')).toEqual([]);

      await refusal.end();
      await eventually(async () => expect(new Set(await received())).toEqual(new Set(['1', '2', '3'])), 60_000);
      const entries = (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');
      const key = Buffer.from(readFileSync(exchange.config.SUBJECT_KEY_FILE, 'utf8'), 'base64');
      const hashed = ['1', '2', '3'].map((id) =>
        createHmac('sha256', key).update(`${datasetId}|${marker}-${id}`).digest('base64url').slice(0, 22),
      );
      expect(new Set(entries.flatMap(({ subjectKeys }) => subjectKeys as string[]))).toEqual(new Set(hashed));
    },
  );
});
