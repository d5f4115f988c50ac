import { createRequire } from 'node:module';
import { batchEncoder, type EncodeBatch } from './fast-batches';
import { type BatchBytes, batchDecoder, type DecodeBatch, UNREADABLE_BATCH } from './fast-decoding';
import { encodeRecord, type RecordParts } from './fast-records';

const load = createRequire(__filename);
const original = load('kafkajs/src/protocol/recordBatch/v0/decoder') as DecodeBatch;
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as { RecordBatch: EncodeBatch };
const Decoder = load('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => BatchBytes;
const Long = load('kafkajs/src/utils/long') as { fromValue: (value: string) => { toString(): string } };

const records: RecordParts[] = [
  { value: 'plain' },
  { offsetDelta: 1, timestampDelta: 127, key: 'k', value: '{"a":"é"}', headers: { traceparent: '00-1-2-01' } },
  { offsetDelta: 2, timestampDelta: -5, key: null, value: null },
  { offsetDelta: 300_000, timestampDelta: 2 ** 30, key: '', value: Buffer.alloc(70_000, 7) },
  { offsetDelta: 300_001, value: 'x', headers: { twice: ['1', '2', 'é'], once: '' } },
];
const fields = { firstTimestamp: 1_795_000_000_000, maxTimestamp: 1_795_000_000_123, lastOffsetDelta: 300_001 };
const [appendTime, control] = [0x08, 0x20];

async function batch(parts: Partial<Parameters<EncodeBatch>[0]> = {}, flags = 0): Promise<Buffer> {
  const encoded = await batchEncoder(RecordBatch)({ ...fields, records: records.map(encodeRecord), ...parts });
  encoded.buffer.writeInt16BE(encoded.buffer.readInt16BE(21) | flags, 21);
  return encoded.buffer;
}

it.each([
  ['of every kind of record', {}, 0],
  ['at the end of the numbers', { firstOffset: Long.fromValue('9223372036854000000'), producerId: 5 }, 0],
  ['beyond the safe numbers', { firstOffset: Long.fromValue('9007199254740990') }, 0],
  ['of a transaction', { transactional: true, producerEpoch: 3, firstSequence: 12, partitionLeaderEpoch: 4 }, 0],
  ['with the time of the broker', {}, appendTime],
  ['of control records', {}, control],
  ['without records', { records: [] }, 0],
  ['that is compressed', { compression: 1 }, 0],
])('decodes a batch %s as kafkajs does', async (_, parts, flags) => {
  const bytes = await batch(parts as Partial<Parameters<EncodeBatch>[0]>, flags);
  const behind = Buffer.concat([Buffer.from('abc'), bytes, bytes.subarray(0, 40)]);
  const [ours, theirs] = [new Decoder(behind), new Decoder(behind)];
  for (const decoder of [ours, theirs]) decoder.forward(3);
  expect(await batchDecoder(original)(ours)).toEqual(await original(theirs));
  expect(ours.offset).toBe(theirs.offset);
});

const ofCount = async (count: number): Promise<Buffer> => {
  const bytes = await batch();
  bytes.writeInt32BE(count, 57);
  return bytes;
};
const ofHeaders = (count: number, compression = 0): Promise<Buffer> => {
  const headers = { same: Array<string>(count).fill('') };
  return batch({ compression, lastOffsetDelta: 1, records: [encodeRecord({ value: 'x', headers })] });
};
it('takes many headers of one name', async () => {
  const { records: found } = await batchDecoder(original)(new Decoder(await ofHeaders(1_000)));
  expect(found[0]?.headers.same).toHaveLength(1_000);
});

it.each([
  ['is not what its codec says', () => batch({}, 1), 'the batch is not what its codec says'],
  ['is of a codec that nobody knows', () => batch({}, 5), 'the batch is not what its codec says'],
  ['holds too many messages', () => ofCount(50_001), expect.stringContaining('at most')],
  ['has too many headers', () => ofHeaders(1_001), expect.stringContaining('at most')],
  ['has too many headers once it is undone', () => ofHeaders(1_001, 1), expect.stringContaining('at most')],
])('lets one message stand for a batch that %s', async (_, make, reason) => {
  const bytes = new Decoder(Buffer.concat([await make(), Buffer.from('behind')]));
  const { records: found, lastOffsetDelta } = await batchDecoder(original)(bytes);
  expect(found.map(({ offset, key }) => [offset, key])).toEqual([[String(lastOffsetDelta), null]]);
  expect(String(found[0]?.value)).toEqual(reason);
  expect(String(found[0]?.headers[UNREADABLE_BATCH])).toEqual(reason);
  expect(bytes.buffer.length - bytes.offset).toBe('behind'.length);
});

it('leaves for another time what is compressed behind as much as is held at once', async () => {
  const megabytes = (count: number) =>
    Array.from({ length: count }, () => encodeRecord({ value: Buffer.alloc(2 ** 20) }));
  const [five, one] = await Promise.all([5, 1].map((count) => batch({ compression: 1, records: megabytes(count) })));
  const plain = await batch();
  const bytes = new Decoder(Buffer.concat([five, five, plain, one].map((part) => part ?? Buffer.alloc(0))));
  const decode = async () => (await batchDecoder(original)(bytes)).records.length;
  expect([await decode(), await decode(), await decode()]).toEqual([5, 5, records.length]);
  const { offset } = bytes;
  await expect(decode()).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' });
  expect(bytes.offset).toBe(offset);
  // Fetched again, it is the first of what came.
  expect((await batchDecoder(original)(new Decoder(one ?? Buffer.alloc(0)))).records).toHaveLength(1);
});

it('leaves a batch that is not whole to kafkajs, which waits for the rest', async () => {
  const bytes = await batch();
  for (const length of [60, 61, bytes.length - 1])
    await expect(batchDecoder(original)(new Decoder(bytes.subarray(0, length)))).rejects.toMatchObject({
      name: length < 61 ? expect.any(String) : 'KafkaJSPartialMessageError',
    });
});

it.each(['__proto__', 'constructor'])('keeps a header called `%s` as a header, as kafkajs does not', async (name) => {
  const headers = Object.fromEntries([[name, 'x']]);
  const bytes = await batch({ records: [encodeRecord({ value: 'v', headers })] });
  const decoded = await batchDecoder(original)(new Decoder(bytes));
  expect(Object.entries(decoded.records[0]?.headers ?? {})).toEqual([[name, Buffer.from('x')]]);
});

it('never reads beyond its batch', async () => {
  const bytes = await batch();
  bytes.writeInt32BE(50_000, 57);
  await expect(async () => batchDecoder(original)(new Decoder(Buffer.concat([bytes, bytes])))).rejects.toThrow(
    RangeError,
  );
});
