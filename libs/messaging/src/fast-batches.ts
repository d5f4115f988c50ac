// One more inner function of kafkajs 2.2.4, written anew: the encoding of a record batch, which copies all of it into
// four buffers that are filled with zeros before, each grown by doubling.
import { crc32c, type Encoded, RecordToWrite } from './fast-records';

type Long = { toString(): string };
type BatchParts = {
  compression?: number;
  firstOffset?: Long;
  firstTimestamp: number | string;
  maxTimestamp: number | string;
  partitionLeaderEpoch?: number;
  lastOffsetDelta?: number;
  transactional?: boolean;
  producerId?: Long;
  producerEpoch?: number;
  firstSequence?: number;
  records?: Encoded[];
};
/** What kafkajs takes of an encoder of a batch. */
export type EncodedBatch = Encoded & { size: () => number };
export type EncodeBatch = (parts: BatchParts) => Promise<EncodedBatch>;

const headerBytes = 61;
const [compressionMask, transactionalMask, magic] = [0x07, 0x10, 2];

/**
 * The encoding of batches that are not compressed; the others are left to `original`.
 *
 * Source: Kafka protocol, "Record Batch".
 */
export function batchEncoder(original: EncodeBatch): EncodeBatch {
  return (parts) => {
    if (((parts.compression ?? 0) & compressionMask) !== 0) return original(parts);
    const { firstOffset = 0, firstTimestamp, maxTimestamp, producerId = -1 } = parts;
    const { partitionLeaderEpoch = 0, lastOffsetDelta = 0, producerEpoch = 0, firstSequence = 0, records = [] } = parts;
    // In Jest the records may be those of kafkajs.
    const written = records.map((record) => (record instanceof RecordToWrite ? record : record.buffer));
    const size = written.reduce((sum, { length }) => sum + length, headerBytes);
    const buf = Buffer.allocUnsafe(size);
    buf.writeBigInt64BE(BigInt(firstOffset.toString()), 0);
    buf.writeInt32BE(size - 12, 8);
    buf.writeInt32BE(partitionLeaderEpoch, 12);
    buf.writeInt8(magic, 16);
    buf.writeInt16BE(parts.transactional ? transactionalMask : 0, 21);
    buf.writeInt32BE(lastOffsetDelta, 23);
    buf.writeBigInt64BE(BigInt(firstTimestamp), 27);
    buf.writeBigInt64BE(BigInt(maxTimestamp), 35);
    buf.writeBigInt64BE(BigInt(producerId.toString()), 43);
    buf.writeInt16BE(producerEpoch, 51);
    buf.writeInt32BE(firstSequence, 53);
    buf.writeInt32BE(records.length, 57);
    let at = headerBytes;
    for (const record of written) at += record.copy(buf, at);
    buf.writeUInt32BE(crc32c(buf.subarray(21)), 17);
    return Promise.resolve({ buf, buffer: buf, size: () => size });
  };
}
