import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Contract, defineEvent, type Topic } from '@govbus/contracts';
import { IsInt, IsString } from 'class-validator';
import { Kafka, logLevel } from 'kafkajs';
import { DataSource } from 'typeorm';
import { type KafkaBatchOptions, KafkaBatchServer } from './kafka-batch.server';
import { openDatabase } from './open-database.shared.spec';

export const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',');
export const clock = (): Date => new Date();
export const quiet = (): void => undefined;

// Machines are slow at times; what is awaited has a deadline of its own.
jest.setTimeout(180_000);

const endings: (() => Promise<unknown>)[] = [];
/** What a test opens ends with it, also when it fails: the last first. */
export function atEnd(end: () => Promise<unknown>): void {
  endings.unshift(end);
}
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
}, 60_000);

/** Tries until `check` no longer throws; after the deadline it throws what the last try threw. */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 60_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(20);
    }
  }
}

export class NoteV1 {
  @IsString() key: string;
  @IsInt() place: number;
}
/** A contract on a topic of its own, created with so many partitions. */
export async function newContract(partitions = 1, to = brokers): Promise<Contract<NoteV1>> {
  const topic = `spec-${randomUUID()}`;
  await createTopic(topic, partitions, to);
  return defineEvent<NoteV1>('spec.note-taken.v1', { topic: topic as Topic, data: NoteV1, key: ({ key }) => key });
}

export const kafka = (to = brokers): Kafka => new Kafka({ brokers: to, clientId: 'spec', logLevel: logLevel.NOTHING });

export async function createTopic(topic: string, partitions = 1, to = brokers): Promise<void> {
  const admin = kafka(to).admin();
  await admin.connect();
  const order = { topic, numPartitions: partitions, replicationFactor: 1 };
  await admin.createTopics({ topics: [order], waitForLeaders: false });
  // kafkajs's own wait gives up at a broker that has not heard of the topic yet.
  await eventually(async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    for (const { leader } of topics.flatMap((one) => one.partitions)) expect(leader).toBeGreaterThanOrEqual(0);
    // A broker may be named leader before it has opened the partition.
    await admin.fetchTopicOffsets(topic);
  });
  await admin.disconnect();
}

/** How many messages the topic has held. */
export async function countOn(topic: string, to = brokers): Promise<number> {
  const admin = kafka(to).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

/** Sends texts as they are, in order, to partition 0; all of one key unless told otherwise. */
export async function sendRaw(
  topic: string,
  values: (string | null)[],
  keyOf = (_: number): string => 'k',
): Promise<void> {
  const producer = kafka().producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value, i) => ({ key: keyOf(i), value, partition: 0 })) });
  await producer.disconnect();
}

/** Every message of a topic, in the order of each partition. */
export async function readAll(topic: string, to = brokers): Promise<{ key: string; value: string }[]> {
  const count = await countOn(topic, to);
  const read: { key: string; value: string }[] = [];
  if (count === 0) return read;
  const consumer = kafka(to).consumer({ groupId: `read-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: ({ message }) => {
        read.push({ key: String(message.key), value: String(message.value) });
        if (read.length === count) resolve();
        return Promise.resolve();
      },
    });
  });
  await consumer.disconnect();
  return read;
}

export function envelopeOf(contract: Contract<NoteV1>, data: object, id: string = randomUUID()): string {
  const time = new Date().toISOString();
  const envelope = { specversion: '1.0', id, source: '/spec', type: contract.type, time, data };
  return JSON.stringify({ ...envelope, datacontenttype: 'application/json' });
}

/** A migrated database of its own, with a table `effects` for what handlers do. */
export async function newDatabase(server = process.env.TEST_DATABASE_URL ?? ''): Promise<DataSource> {
  const admin = await new DataSource({ type: 'postgres', url: server }).initialize();
  const name = `messaging_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.destroy();
  const url = new URL(server);
  url.pathname = name;
  const db = await openDatabase(url.href);
  await db.runMigrations();
  atEnd(() => db.destroy());
  await db.query('CREATE TABLE effects (id bigserial PRIMARY KEY, key text NOT NULL, place integer NOT NULL)');
  return db;
}
export const effectsOf = (db: DataSource): Promise<NoteV1[]> =>
  db.query<NoteV1[]>('SELECT key, place FROM effects ORDER BY id');
export const outboxCount = async (db: DataSource): Promise<number> => {
  const [row] = await db.query<{ count: number }[]>('SELECT count(*)::int AS count FROM outbox');
  return row?.count ?? 0;
};

/** A server that hands messages of the contract to `handler`, started. */
export function startServer(
  contract: Contract<NoteV1>,
  dataSource: DataSource,
  handler: (message: unknown) => Promise<void>,
  more: Partial<KafkaBatchOptions> = {},
): KafkaBatchServer {
  const groupId = `group-${contract.topic}`;
  const options = { brokers, clientId: 'spec', groupId, dataSource, clock, log: quiet, backoffMs: 10 };
  const server = new KafkaBatchServer({ ...options, ...more });
  server.addHandler(contract.type, handler, true, { topic: contract.topic, kind: contract.kind });
  server.listen(quiet);
  atEnd(() => server.close());
  return server;
}
