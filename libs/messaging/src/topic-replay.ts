import { randomUUID } from 'node:crypto';
import { BatchReader, type RawMessage } from './batch-reader';
import { kafkaOf } from './connection';
import type { Log } from './log';
import { type Cluster, topicRanges } from './topic-ranges';

export type TopicReplayOptions = Cluster & {
  topic: string;
  log: Log;
  /** The next offset to read of a partition; undefined: the first that is there. */
  startAt: (partition: number) => Promise<bigint | undefined>;
  /** Throws: the batch is tried again with back-off, never passed over. */
  onBatch: (partition: number, messages: RawMessage[]) => Promise<void>;
  /** Ends the replay after the batches at hand; it rejects with the signal's reason then. */
  signal?: AbortSignal;
};

/** How many members a consumer group has; one that died counts until its session is over. */
export async function groupMembers({ brokers, clientId }: Cluster, groupId: string): Promise<number> {
  const admin = kafkaOf(brokers, clientId).admin();
  try {
    await admin.connect();
    const { groups } = await admin.describeGroups([groupId]);
    return groups[0]?.members.length ?? 0;
  } finally {
    await admin.disconnect();
  }
}

/**
 * Reads a topic from where `startAt` says up to the ends it has now, each partition in its order, and resolves when all of
 * it is handled. It leaves the groups of others and their offsets alone: its own is `<clientId>.replay.<uuid>`, so
 * `clientId` MUST begin as the rules at Kafka want the service's groups to begin (deploy/kafka/acls.sh).
 */
export async function replayTopic(options: TopicReplayOptions): Promise<void> {
  const { brokers, clientId, topic, log, startAt, onBatch, signal } = options;
  const open = new Map<number, bigint>();
  for (const { partition, first, end } of await topicRanges(options, topic)) {
    const next = (await startAt(partition)) ?? first;
    if (next < end && first < end) open.set(partition, end);
  }
  if (open.size === 0) return;
  const groupId = `${clientId}.replay.${randomUUID()}`;
  let reader: BatchReader | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('stopped'));
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      const handle = async (partition: number, messages: RawMessage[]): Promise<void> => {
        await onBatch(partition, messages);
        const end = open.get(partition);
        const last = messages.at(-1);
        if (end !== undefined && last && last.offset + 1n >= end) open.delete(partition);
        if (open.size === 0) resolve();
      };
      const partitionsAtOnce = 3;
      reader = new BatchReader({ brokers, clientId, groupId, topic, log, startAt, partitionsAtOnce, onBatch: handle });
      reader.start().catch(reject);
    });
  } finally {
    await reader?.stop();
    await forgetGroup(options, groupId);
  }
}

// A group that is left behind expires by itself.
async function forgetGroup({ brokers, clientId }: Cluster, groupId: string): Promise<void> {
  const admin = kafkaOf(brokers, clientId).admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
  } finally {
    await admin.disconnect();
  }
}
