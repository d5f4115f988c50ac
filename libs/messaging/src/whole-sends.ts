// One more inner function of kafkajs 2.2.4, written anew, since it loses what it acknowledges. It remembers which brokers
// have answered, not what for: when a partition moves, between two tries, to a broker that has answered for another, its
// messages are never sent, and the send ends well (`cluster.int.spec.ts`).
import { groupByPartition } from './fast-partitions';

type Message = { key?: string | Buffer | null };
type TopicMessages = { topic: string; messages: Message[] };
type Order = { acks: number; timeout?: number; compression?: number; topicMessages: TopicMessages[] };
type Partition = { partitionId: number; leader: number };
type Numbered = { partition: number; firstSequence: number; messages: Message[] };
type Answered = { topicName: string; partition: number };
type Broker = {
  produce: (request: object) => Promise<{ topics: { topicName: string; partitions: { partition: number }[] }[] }>;
};
type Failure = Error & { type?: string; host?: string; port?: number; retriable?: boolean };
/** What kafkajs gives to who sends for a producer. */
type Parts = {
  cluster: {
    addMultipleTargetTopics: (topics: string[]) => Promise<void>;
    refreshMetadataIfNecessary: () => Promise<void>;
    refreshMetadata: () => Promise<void>;
    findTopicPartitionMetadata: (topic: string) => Partition[];
    findBroker: (of: { nodeId: number }) => Promise<Broker>;
    removeBroker: (at: { host?: string; port?: number }) => void;
    isConnected: () => boolean;
    connect: () => Promise<void>;
  };
  partitioner: (of: { topic: string; partitionMetadata: Partition[]; message: Message }) => number;
  eosManager: {
    getProducerId: () => number;
    getProducerEpoch: () => number;
    getSequence: (topic: string, partition: number) => number;
    updateSequence: (topic: string, partition: number, by: number) => void;
    acquireBrokerLock: (broker: Broker) => Promise<void>;
    releaseBrokerLock: (broker: Broker) => void;
  };
  retrier: <T>(attempt: (bail: (error: unknown) => void) => Promise<T>) => Promise<T>;
};
const notLoaded = { name: 'KafkaJSMetadataNotLoaded', retriable: true };
const staleTypes = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);
const staleNames = new Set([notLoaded.name, 'KafkaJSConnectionError', 'KafkaJSConnectionClosedError']);
export type CreateSendMessages = (parts: Parts) => (order: Order) => Promise<Answered[] | undefined>;
/** What goes to one partition. */
type Share = { topic: string; partition: number; messages: Message[]; answer?: Answered };

/**
 * Sends until the leader of each partition has acknowledged what is for it. Transactions, of which we have none, are not
 * known here.
 */
export const createSendMessages: CreateSendMessages = (parts) => (order) => {
  const { cluster, retrier } = parts;
  const topics = order.topicMessages.map(({ topic }) => topic);
  // Divided once: a message without a key would go to another partition with each try, and the number of the first try
  // would then stand for another message.
  let shares: Share[] | undefined;
  return retrier(async (bail) => {
    await cluster.addMultipleTargetTopics(topics);
    const failures: Failure[] = [];
    try {
      await cluster.refreshMetadataIfNecessary();
      shares ??= order.topicMessages.flatMap((of) => sharesOf(of, parts));
      const left = shares.filter(({ answer }) => !answer);
      // All have ended before the next try: what is still on its way would be numbered anew then, and written twice.
      const going = [...(await byBroker(left, parts, failures))].map(([broker, of]) =>
        produce(broker, of, order, parts),
      );
      for (const end of await Promise.allSettled(going))
        if (end.status === 'rejected') failures.push(end.reason as Failure);
      if (failures.length === 0) return shares.flatMap(({ answer }) => answer ?? []);
    } catch (error) {
      failures.push(error as Failure);
    }
    const isCutOff = await renew(failures, parts);
    const lasting = failures.find((failure) => !isCutOff && !isStale(failure) && failure.retriable !== true);
    // One is enough to end it, whatever the others are.
    if (!lasting) throw failures[0] as Failure;
    bail(lasting);
    return undefined;
  });
};

function sharesOf({ topic, messages }: TopicMessages, { cluster, partitioner }: Parts): Share[] {
  const partitionMetadata = cluster.findTopicPartitionMetadata(topic);
  if (partitionMetadata.length === 0) throw Object.assign(new Error(`nothing known of ${topic}`), notLoaded);
  const divided = groupByPartition({ topic, partitionMetadata, messages, partitioner });
  return Object.entries(divided).map(([partition, of]) => ({ topic, partition: Number(partition), messages: of }));
}

/** Those whose leader is there; what keeps the others goes to `failures`, and holds up none of these. */
async function byBroker(shares: Share[], { cluster }: Parts, failures: Failure[]): Promise<Map<Broker, Share[]>> {
  const byLeader = new Map<number, Share[]>();
  for (const share of shares) {
    const metadata = cluster.findTopicPartitionMetadata(share.topic);
    const leader = metadata.find(({ partitionId }) => partitionId === share.partition)?.leader ?? -1;
    if (leader < 0) failures.push(Object.assign(new Error(`no leader of ${share.topic}`), notLoaded));
    else byLeader.set(leader, [...(byLeader.get(leader) ?? []), share]);
  }
  const found = new Map<Broker, Share[]>();
  for (const [nodeId, those] of byLeader)
    try {
      found.set(await cluster.findBroker({ nodeId }), those);
    } catch (error) {
      failures.push(error as Failure);
    }
  return found;
}

async function produce(broker: Broker, shares: Share[], order: Order, { eosManager }: Parts): Promise<void> {
  const { acks, timeout, compression } = order;
  await eosManager.acquireBrokerLock(broker);
  try {
    const topics = new Map<string, Numbered[]>();
    for (const { topic, partition, messages } of shares) {
      const firstSequence = eosManager.getSequence(topic, partition);
      topics.set(topic, [...(topics.get(topic) ?? []), { partition, firstSequence, messages }]);
      eosManager.updateSequence(topic, partition, messages.length);
    }
    const [producerId, producerEpoch] = [eosManager.getProducerId(), eosManager.getProducerEpoch()];
    const topicData = [...topics].map(([topic, partitions]) => ({ topic, partitions }));
    const answers = await broker
      .produce({ producerId, producerEpoch, acks, timeout, compression, topicData })
      .catch((error: unknown) => {
        // The same numbers again: a broker that has written them after all knows them.
        for (const { topic, partition, messages } of shares)
          eosManager.updateSequence(topic, partition, -messages.length);
        throw error;
      });
    const answered = new Map<string, Answered>();
    for (const { topicName, partitions } of answers.topics)
      for (const one of partitions) answered.set(`${topicName} ${one.partition}`, { topicName, ...one });
    for (const share of shares) {
      share.answer = answered.get(`${share.topic} ${share.partition}`);
      if (!share.answer) throw Object.assign(new Error(`no answer for ${share.topic}`), notLoaded);
    }
  } finally {
    eosManager.releaseBrokerLock(broker);
  }
}

/** What is known of the cluster is new after this; answers whether nothing of it was connected any more. */
async function renew(failures: Failure[], { cluster }: Parts): Promise<boolean> {
  for (const failure of failures)
    if (failure.name === 'KafkaJSConnectionClosedError')
      cluster.removeBroker({ host: failure.host, port: failure.port });
  const isCutOff = !cluster.isConnected();
  if (isCutOff) await cluster.connect();
  if (isCutOff || failures.some(isStale)) await cluster.refreshMetadata();
  return isCutOff;
}

const isStale = ({ name, type = '', retriable }: Failure): boolean =>
  staleTypes.has(type) || staleNames.has(name) || (name === 'KafkaJSProtocolError' && retriable === true);
