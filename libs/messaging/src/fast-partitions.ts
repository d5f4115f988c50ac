// Two more inner functions of kafkajs 2.2.4, written anew: which partition a key belongs to, and what goes to which. The
// originals count in 64-bit objects, and copy all messages of a partition for each further one.

type Message = { key?: string | Buffer | null };
type Partitioner<P> = (of: { topic: string; partitionMetadata: P[]; message: Message }) => number;

const mix = 0x5bd1e995;

/** The hash of a key by which Kafka's clients choose a partition. Source: Apache Kafka, `Utils.murmur2`. */
export function murmur2(key: string | Buffer): number {
  const data = typeof key === 'string' ? Buffer.from(key) : key;
  const whole = data.length & ~3;
  let hash = 0x9747b28c ^ data.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(data.readInt32LE(at), mix);
    word = Math.imul(word ^ (word >>> 24), mix);
    hash = Math.imul(hash, mix) ^ word;
  }
  const rest = data.length - whole;
  if (rest === 3) hash ^= data.readUInt8(whole + 2) << 16;
  if (rest >= 2) hash ^= data.readUInt8(whole + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ data.readUInt8(whole), mix);
  hash = Math.imul(hash ^ (hash >>> 13), mix);
  return hash ^ (hash >>> 15);
}

/** The messages by partition, in their order. */
export function groupByPartition<P>({
  topic,
  partitionMetadata,
  messages,
  partitioner,
}: {
  topic: string;
  partitionMetadata: P[];
  messages: Message[];
  partitioner: Partitioner<P>;
}): Record<number, Message[]> {
  const groups: Record<number, Message[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group) group.push(message);
    else groups[partition] = [message];
  }
  return groups;
}
