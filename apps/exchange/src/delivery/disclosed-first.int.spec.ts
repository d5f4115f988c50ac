import 'reflect-metadata';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AgreementRecordV1, DeliveredEvent } from '@govbus/contracts';
import { BatchReader } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { event, marker } from '../exchange.int.spec';
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

/** What a subscription received: the ids, growing. */
type Subscribed = { id: string; received: () => string[]; begin?: () => Promise<void> };
type Way = (agreement: AgreementRecordV1) => Promise<Subscribed>;

const hooked =
  (settings: object): Way =>
  async (agreement) => {
    const { id, receiver } = await hooks.hook(agreement, settings);
    return { id, received: () => receiver.ids };
  };
const subscribe = async ({ agreementId }: AgreementRecordV1, mode: string): Promise<string> => {
  const order = { agreementId, purpose: 'case-handling', mode, startFrom: 'beginning' };
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
    id,
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
  return { id, received: () => received };
};

/** The database refuses the record of every disclosure of an agreement, and counts how often it was tried. */
async function refuseRecords(agreementId: string) {
  const { db } = hooks.exchange;
  const name = `refused_${randomUUID().slice(0, 8)}`;
  // A sequence is not rolled back with the transaction that fails.
  await db.query(`CREATE SEQUENCE ${name}`);
  await db.query(
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN PERFORM nextval('${name}'); RAISE EXCEPTION 'the record cannot be written'; END $$`,
  );
  await db.query(
    `CREATE TRIGGER ${name} BEFORE INSERT ON disclosures FOR EACH ROW
       WHEN (NEW.agreement_id = '${agreementId}') EXECUTE FUNCTION ${name}()`,
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
];

describe.each(modes)('by %s', (_, mode, way) => {
  it('nothing goes out while its record cannot be written, and all of it afterwards, with hashed data subjects', async () => {
    const { exchange, publisher } = hooks;
    const { datasetId } = await exchange.dataset();
    const made = await exchange.agreement(datasetId);
    const agreement = { ...made, terms: { ...made.terms, deliveryModes: [mode] }, version: 2 };
    await exchange.change(agreement);
    const refusal = await refuseRecords(agreement.agreementId);
    const { received, begin } = await way(agreement);
    await exchange.publishBatch(
      publisher,
      ['1', '2', '3'].map((id) => event(datasetId, id)),
    );
    await exchange.ledgerAt(datasetId, 3);
    await begin?.();
    await eventually(async () => expect(await refusal.count()).toBeGreaterThan(0), 30_000);
    expect(received()).toEqual([]);
    expect((await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose')).toEqual([]);

    await refusal.end();
    await eventually(() => expect(new Set(received())).toEqual(new Set(['1', '2', '3'])), 60_000);
    const entries = (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');
    const key = Buffer.from(readFileSync(exchange.config.SUBJECT_KEY_FILE, 'utf8'), 'base64');
    const hashed = ['1', '2', '3'].map((id) =>
      createHmac('sha256', key).update(`${datasetId}|${marker}-${id}`).digest('base64url').slice(0, 22),
    );
    expect(new Set(entries.flatMap(({ subjectKeys }) => subjectKeys as string[]))).toEqual(new Set(hashed));
  });
});
