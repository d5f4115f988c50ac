// What kafkajs 2.2.4 makes of a partition that nobody leads, mended around its own functions (decision 10).

type Metadata = { topicMetadata: { partitionMetadata: { partitionErrorCode: number; leader: number }[] }[] };
type Parse = (data: Metadata) => Promise<Metadata>;
type Protocol = (of: { version: number }) => (order: object) => { request: object; response: { parse: Parse } };
type Pool = {
  metadata: Metadata | null;
  /** As kafkajs has just set it: in `metadataMaxAge` ms. */
  metadataExpireAt: number;
  metadataMaxAge: number;
  refreshMetadata: (topics: string[]) => Promise<void>;
};

/** LEADER_NOT_AVAILABLE of the Kafka protocol's error codes. */
const noLeader = 5;
const lookAgainMs = 1_000;

/**
 * A partition that nobody leads is missed by those who need it, and by nobody else: it stands in the answer with the
 * leader -1.
 *
 * Shape: kafkajs takes the whole answer for a failure. A client that has not sent anything yet asks for all topics: as long
 * as one partition of the cluster, whosesoever it is, has no leader, nobody new connects, and no topic is made.
 */
export function mendMetadata(requests: { protocol: Protocol }): void {
  const { protocol } = requests;
  requests.protocol = (of) => (order) => {
    const { request, response } = protocol(of)(order);
    const parse: Parse = async (data) => {
      const topicMetadata = data.topicMetadata.map((topic) => ({
        ...topic,
        partitionMetadata: topic.partitionMetadata.filter(({ partitionErrorCode }) => partitionErrorCode !== noLeader),
      }));
      await response.parse({ ...data, topicMetadata });
      return data;
    };
    return { request, response: { ...response, parse } };
  };
}

/** Whoever misses a leader looks again soon, and not when what is known of the others is old. */
export function mendPool(pool: Pick<Pool, 'refreshMetadata'>): void {
  const { refreshMetadata } = pool;
  pool.refreshMetadata = async function (this: Pool, topics) {
    await refreshMetadata.call(this, topics);
    const partitions = this.metadata?.topicMetadata.flatMap(({ partitionMetadata }) => partitionMetadata) ?? [];
    // Who asked for all topics needs none of them.
    if (topics.length > 0 && partitions.some(({ leader }) => leader < 0))
      this.metadataExpireAt += lookAgainMs - this.metadataMaxAge;
  };
}
