import { randomUUID } from 'node:crypto';
import { BatchReader } from './batch-reader';
import { atEnd, brokers, eventually, newContract, quiet, sendRaw } from './harness.shared.spec';
import { topicRanges } from './topic-ranges';
import { groupMembers, replayTopic } from './topic-replay';

const cluster = { brokers, clientId: 'spec' };
const numbers = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => String(from + i));

describe('replayTopic', () => {
  it('hands over what the topic holds, in order, from the beginning or from a place, and ends', async () => {
    const { topic } = await newContract();
    await sendRaw(topic, numbers(20));
    expect(await topicRanges(cluster, topic)).toEqual([{ partition: 0, first: 0n, end: 20n }]);
    for (const start of [undefined, 0n, 12n, 20n]) {
      const read: string[] = [];
      await replayTopic({
        ...cluster,
        topic,
        log: quiet,
        startAt: () => Promise.resolve(start),
        onBatch: (_, messages) => Promise.resolve(void read.push(...messages.map(({ value }) => String(value)))),
      });
      expect(read).toEqual(numbers(20).slice(Number(start ?? 0n)));
    }
  });

  it('tries a batch again that fails, and ends when it is told to', async () => {
    const { topic } = await newContract();
    await sendRaw(topic, numbers(5));
    const read: string[] = [];
    let failures = 2;
    const stop = new AbortController();
    const replayed = replayTopic({
      ...cluster,
      topic,
      log: quiet,
      signal: stop.signal,
      startAt: () => Promise.resolve(undefined),
      onBatch: (_, messages) => {
        if (failures-- > 0) return Promise.reject(new Error('the database is away'));
        read.push(...messages.map(({ value }) => String(value)));
        stop.abort(new Error('told to'));
        return Promise.resolve();
      },
    });
    await expect(replayed).rejects.toThrow('told to');
    expect(read).toEqual(numbers(5));
  });

  it('does nothing with an empty topic', async () => {
    const { topic } = await newContract();
    const onBatch = (): Promise<void> => Promise.reject(new Error('there is nothing'));
    await replayTopic({ ...cluster, topic, log: quiet, startAt: () => Promise.resolve(undefined), onBatch });
  });
});

it('counts the members of a group', async () => {
  const { topic } = await newContract();
  const groupId = randomUUID();
  expect(await groupMembers(cluster, groupId)).toBe(0);
  const onBatch = (): Promise<void> => Promise.resolve();
  const startAt = (): Promise<undefined> => Promise.resolve(undefined);
  const reader = new BatchReader({ ...cluster, groupId, topic, log: quiet, startAt, onBatch });
  atEnd(() => reader.stop());
  await reader.start();
  await eventually(async () => expect(await groupMembers(cluster, groupId)).toBe(1));
});
