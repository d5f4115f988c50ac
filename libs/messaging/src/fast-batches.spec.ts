import { createRequire } from 'node:module';
import { batchEncoder, type EncodeBatch } from './fast-batches';
import { encodeRecord } from './fast-records';

const load = createRequire(__filename);
const { RecordBatch: original } = load('kafkajs/src/protocol/recordBatch/v0') as { RecordBatch: EncodeBatch };
const Long = load('kafkajs/src/utils/long') as { fromValue: (value: string) => { toString(): string } };

const records = (count: number) =>
  Array.from({ length: count }, (_, i) => encodeRecord({ offsetDelta: i, key: `k${i}`, value: 'é'.repeat(i * 7) }));
const fields = {
  firstTimestamp: 1_795_000_000_000,
  maxTimestamp: 1_795_000_000_123,
  lastOffsetDelta: 99,
  producerId: Long.fromValue('9007199254740993'),
  producerEpoch: 7,
  firstSequence: 2 ** 31 - 1,
};

it.each([
  [{ ...fields, records: records(100) }],
  [{ ...fields, firstTimestamp: '1795000000000', transactional: true, records: records(1) }],
  [{ firstTimestamp: 0, maxTimestamp: 0, records: records(3) }],
  [{ ...fields, compression: 1, records: records(50) }],
])('encodes a batch as kafkajs does', async (parts) => {
  const [ours, theirs] = [await batchEncoder(original)(parts), await original(parts)];
  expect(ours.buffer.equals(theirs.buffer)).toBe(true);
  expect(ours.size()).toBe(theirs.size());
});
