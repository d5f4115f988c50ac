import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { type CreateSendMessages, createSendMessages } from './whole-sends';

const original = createRequire(__filename)('kafkajs/src/producer/sendMessages') as CreateSendMessages;
type Parts = Parameters<CreateSendMessages>[0];
type Produced = { topicData: { topic: string; partitions: { partition: number; firstSequence: number }[] }[] };
type Written = { nodeId: number; topic: string; partition: number; firstSequence: number };

const notLeader = Object.assign(new Error('not the leader'), {
  name: 'KafkaJSProtocolError',
  type: 'NOT_LEADER_FOR_PARTITION',
  retriable: true,
});

/** Brokers that take what they lead, as they are told who leads; `tell` is asked before each request. */
function brokersOf(tell: (nodeId: number, tries: number) => Promise<void> | void, known: Record<string, number>) {
  const written: Written[] = [];
  const sequences = new Map<string, number>();
  const key = (topic: string, partition: number): string => `${topic}-${partition}`;
  let tries = 0;
  const brokers = new Map(
    [1, 2].map((nodeId) => {
      const produce = async ({ topicData }: Produced) => {
        await tell(nodeId, tries);
        for (const { topic, partitions } of topicData)
          for (const { partition, firstSequence } of partitions)
            written.push({ nodeId, topic, partition, firstSequence });
        const topics = topicData.map(({ topic, partitions }) => ({ topicName: topic, partitions }));
        return { topics };
      };
      return [nodeId, { nodeId, produce }];
    }),
  );
  const parts = {
    logger: { debug: () => undefined, error: () => undefined },
    cluster: {
      addMultipleTargetTopics: () => Promise.resolve(),
      refreshMetadataIfNecessary: () => Promise.resolve(),
      refreshMetadata: () => Promise.resolve(),
      findTopicPartitionMetadata: (topic: string) =>
        Object.entries(known)
          .filter(([name]) => name.startsWith(`${topic}-`))
          .map(([name, leader]) => ({ partitionId: Number(name.slice(topic.length + 1)), leader })),
      findLeaderForPartitions: (topic: string, partitions: string[]) => {
        const found: Record<number, number[]> = {};
        for (const partition of partitions) (found[known[`${topic}-${partition}`] ?? 0] ??= []).push(Number(partition));
        return found;
      },
      findBroker: ({ nodeId }: { nodeId: number }) => Promise.resolve(brokers.get(Number(nodeId))),
      removeBroker: () => undefined,
      isConnected: () => true,
      connect: () => Promise.resolve(),
    },
    // As kafkajs does with a message that has no key: each time the next.
    partitioner: ({ message }: { message: { key?: unknown } }) => (message.key ? 0 : (turn += 1) % 2),
    eosManager: {
      isTransactional: () => false,
      getProducerId: () => 1,
      getProducerEpoch: () => 0,
      getSequence: (topic: string, partition: number) => sequences.get(key(topic, partition)) ?? 0,
      updateSequence: (topic: string, partition: number, by: number) =>
        sequences.set(key(topic, partition), (sequences.get(key(topic, partition)) ?? 0) + by),
      acquireBrokerLock: () => Promise.resolve(),
      releaseBrokerLock: () => undefined,
    },
    retrier: async (attempt: (bail: (error: unknown) => void) => Promise<unknown>) => {
      for (tries = 1; ; tries += 1) {
        let bailed: unknown;
        try {
          const result = await attempt((error) => (bailed = error));
          if (bailed === undefined) return result;
        } catch (error) {
          if (tries === 3) throw error;
          continue;
        }
        throw bailed;
      }
    },
  };
  let turn = 0;
  return { parts: parts as unknown as Parts, written, known };
}

const order = (...topics: string[]) => ({
  acks: -1,
  topicMessages: topics.map((topic) => ({ topic, messages: [{ key: 'k' }] })),
});

/** `moves` goes to the broker that has answered for `stays`, between two tries. */
function moving() {
  const known: Record<string, number> = { 'stays-0': 1, 'moves-0': 2 };
  const fails = (nodeId: number): void => {
    if (nodeId !== 2) return;
    known['moves-0'] = 1;
    throw notLeader;
  };
  return brokersOf(fails, known);
}

it('goes to a partition that has moved to a broker which has answered, and writes nothing twice (P1)', async () => {
  const { parts, written } = moving();
  expect(await createSendMessages(parts)(order('stays', 'moves'))).toMatchObject([
    { topicName: 'stays', partition: 0 },
    { topicName: 'moves', partition: 0 },
  ]);
  expect(written).toEqual([
    { nodeId: 1, topic: 'stays', partition: 0, firstSequence: 0 },
    { nodeId: 1, topic: 'moves', partition: 0, firstSequence: 0 },
  ]);
});

it('does not with kafkajs alone, so that this is still needed', async () => {
  const { parts, written } = moving();
  await original(parts)(order('stays', 'moves'));
  expect(written.map(({ topic }) => topic)).toEqual(['stays']);
});

it('keeps a message without a key where it was tried first, under its number', async () => {
  const tried: number[] = [];
  const known = { 't-0': 1, 't-1': 2 };
  const { parts, written } = brokersOf((nodeId, tries) => {
    tried.push(nodeId);
    if (tries === 1) throw notLeader;
  }, known);
  const send = createSendMessages(parts);
  await send({ acks: -1, topicMessages: [{ topic: 't', messages: [{}] }] });
  expect(tried[1]).toBe(tried[0]);
  expect(written).toEqual([{ nodeId: 2, topic: 't', partition: 1, firstSequence: 0 }]);
});

it('tries again only when all of the try before has ended, with the numbers that follow', async () => {
  const { parts, written } = brokersOf(
    async (nodeId, tries) => {
      if (nodeId === 1) await pause(20);
      else if (tries === 1) throw notLeader;
    },
    { 'slow-0': 1, 'quick-0': 2 },
  );
  const send = createSendMessages(parts);
  await send(order('slow', 'quick'));
  await send(order('slow', 'quick'));
  expect(written.map(({ topic, firstSequence }) => [topic, firstSequence])).toEqual([
    ['slow', 0],
    ['quick', 0],
    ['slow', 1],
    ['quick', 1],
  ]);
});

it('learns of a new leader although another broker failed for another reason', async () => {
  const known: Record<string, number> = { 'slow-0': 1, 'moves-0': 2 };
  const failing = (nodeId: number, tries: number): void => {
    if (nodeId === 1 && tries === 1) throw Object.assign(new Error('late'), { retriable: true });
    if (nodeId === 2) throw notLeader;
  };
  const { parts, written } = brokersOf(failing, known);
  let refreshed = 0;
  parts.cluster.refreshMetadata = () => {
    known['moves-0'] = 1;
    return Promise.resolve(void (refreshed += 1));
  };
  await createSendMessages(parts)(order('slow', 'moves'));
  expect(written.map(({ nodeId, topic }) => [nodeId, topic])).toEqual([
    [1, 'slow'],
    [1, 'moves'],
  ]);
  expect(refreshed).toBe(1);
});

it('sends to those that are led while another partition has no leader, and to that one as soon as it has', async () => {
  const known: Record<string, number> = { 'led-0': 1, 'unled-0': -1 };
  const { parts, written } = brokersOf((_, tries) => {
    if (tries === 1) known['unled-0'] = 2;
  }, known);
  await createSendMessages(parts)(order('unled', 'led'));
  expect(written.map(({ nodeId, topic }) => [nodeId, topic])).toEqual([
    [1, 'led'],
    [2, 'unled'],
  ]);
});

it('gives up at once on what another try would not mend, and after the last one', async () => {
  let tries = 0;
  const failing = (error: Error) => {
    tries = 0;
    const fail = (): void => {
      tries += 1;
      throw error;
    };
    return createSendMessages(brokersOf(fail, { 't-0': 1 }).parts)(order('t'));
  };
  const tooLarge = Object.assign(new Error('too large'), { name: 'KafkaJSProtocolError', retriable: false });
  await expect(failing(tooLarge)).rejects.toBe(tooLarge);
  expect(tries).toBe(1);
  const both = (nodeId: number): void => {
    throw nodeId === 1 ? notLeader : tooLarge;
  };
  const { parts } = brokersOf(both, { 't-0': 1, 'u-0': 2 });
  await expect(createSendMessages(parts)(order('t', 'u'))).rejects.toBe(tooLarge);
  await expect(failing(notLeader)).rejects.toBe(notLeader);
  expect(tries).toBe(3);
  await expect(createSendMessages(brokersOf(() => undefined, {}).parts)(order('t'))).rejects.toMatchObject({
    name: 'KafkaJSMetadataNotLoaded',
  });
});
