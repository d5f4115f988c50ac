import { kafkaOf, type Patience } from './connection';

export type Cluster = { brokers: string[]; clientId: string };
/** What a partition holds: offsets from `first` up to `end`, which is not there yet. */
export type TopicRange = { partition: number; first: bigint; end: bigint };

/** What each partition of a topic holds at this moment, as their leaders of this moment say. */
export async function topicRanges(cluster: Cluster & Patience, topic: string): Promise<TopicRange[]> {
  const { brokers, clientId, ...patience } = cluster;
  const admin = kafkaOf(brokers, clientId, patience).admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.map(({ partition, low, high }) => ({ partition, first: BigInt(low), end: BigInt(high) }));
  } finally {
    await admin.disconnect();
  }
}
