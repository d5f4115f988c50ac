import { randomUUID } from 'node:crypto';
import { BatchReader, type RawMessage } from './batch-reader';
import { atEnd, brokers, createTopic, eventually, kafka, newContract, quiet, sendRaw } from './harness.shared.spec';
import { deleteTopics } from './topics';

/** A reader whose "database" is a list of what it wrote and the next offset of its partition. */
class Written {
  values: string[] = [];
  next: bigint | undefined;
  failures = 0;
  anew: number[] = [];

  readonly startAt = (): Promise<bigint | undefined> => Promise.resolve(this.next);
  readonly onBatch = (_: number, messages: RawMessage[]): Promise<void> => {
    if (this.failures-- > 0) return Promise.reject(new Error('the database is away'));
    this.values.push(...messages.map(({ value }) => String(value)));
    this.next = (messages.at(-1)?.offset ?? 0n) + 1n;
    return Promise.resolve();
  };
  readonly onTopicAnew = (partition: number): Promise<void> => {
    this.anew.push(partition);
    this.next = undefined;
    return Promise.resolve();
  };
}

async function read(topic: string, groupId: string, written: Written, watchMs?: number): Promise<BatchReader> {
  const { startAt, onBatch, onTopicAnew } = written;
  const own = { groupId, topic, log: quiet, startAt, onBatch, onTopicAnew, watchMs };
  const reader = new BatchReader({ brokers, clientId: 'spec', ...own });
  atEnd(() => reader.stop());
  await reader.start();
  return reader;
}
/** A group that has read the ten messages of a topic of its own, which Kafka remembers; nobody reads any more. */
async function tenRead(): Promise<{ topic: string; groupId: string }> {
  const { topic } = await newContract();
  const groupId = randomUUID();
  await sendRaw(topic, numbers(10));
  const first = new Written();
  const reader = await read(topic, groupId, first);
  await eventually(() => expect(first.values).toEqual(numbers(10)));
  await reader.stop();
  return { topic, groupId };
}
const numbers = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => String(from + i));

describe('BatchReader', () => {
  it('reads on from what its own database says, not from what Kafka remembers', async () => {
    const { topic, groupId } = await tenRead();

    // The last transaction was lost with its database: Kafka's hint is ahead.
    const behind = new Written();
    behind.next = 4n;
    const again = await read(topic, groupId, behind);
    await eventually(() => expect(behind.values).toEqual(numbers(6, 4)));
    await again.stop();

    // Kafka's hint is lost: what is written already is passed over.
    const ahead = new Written();
    ahead.next = 8n;
    await read(topic, randomUUID(), ahead);
    await sendRaw(topic, ['10']);
    await eventually(() => expect(ahead.values).toEqual(['8', '9', '10']));
  });

  it('reads all when its own database knows of nothing, whatever Kafka remembers', async () => {
    const { topic, groupId } = await tenRead();

    await sendRaw(topic, ['10']);
    const empty = new Written();
    await read(topic, groupId, empty);
    await eventually(() => expect(empty.values).toEqual(numbers(11)));
  });

  it('reads a topic from its beginning that ends before what was read of it, and says so once', async () => {
    const { topic } = await newContract();
    await sendRaw(topic, numbers(10));
    const written = new Written();
    written.next = 1_000n;
    await read(topic, randomUUID(), written);
    await eventually(() => expect(written.values).toEqual(numbers(10)));
    await sendRaw(topic, ['10']);
    await eventually(() => expect(written.values).toEqual(numbers(11)));
    expect(written.anew).toEqual([0]);
  });

  it('notices a topic that is made anew while it reads', async () => {
    const { topic } = await newContract();
    const written = new Written();
    await read(topic, randomUUID(), written);
    await sendRaw(topic, numbers(10));
    await eventually(() => expect(written.values).toEqual(numbers(10)));
    await deleteTopics({ brokers, topics: [topic] });
    const admin = kafka().admin();
    atEnd(() => admin.disconnect());
    await admin.connect();
    // Else the broker could name the leader of the old one.
    await eventually(async () => expect(await admin.listTopics()).not.toContain(topic));
    await eventually(() => createTopic(topic));
    await eventually(() => sendRaw(topic, numbers(5, 10)));
    // A send that is tried again may have arrived before.
    await eventually(() => expect([...new Set(written.values)]).toEqual(numbers(15)));
    expect(written.anew).toEqual([0]);
  });

  it('tries a batch again until it is written, and passes over nothing', async () => {
    const { topic } = await newContract();
    const written = new Written();
    written.failures = 3;
    await sendRaw(topic, numbers(5));
    await read(topic, randomUUID(), written);
    await eventually(() => expect(written.values).toEqual(numbers(5)));
    await sendRaw(topic, numbers(5, 5));
    await eventually(() => expect(written.values).toEqual(numbers(10)));
  });

  it('begins again when its client no longer fetches a partition', async () => {
    const { topic } = await newContract();
    const written = new Written();
    // Longer than a reader needs to begin, or it would begin again and again.
    const reader = await read(topic, randomUUID(), written, 1_000);
    await sendRaw(topic, ['0']);
    await eventually(() => expect(written.values).toEqual(['0']));
    // What a client that forgot the partition looks like from outside.
    reader['consumer'].pause([{ topic }]);
    await sendRaw(topic, ['1']);
    await eventually(() => expect(written.values).toEqual(['0', '1']));
  });
});
