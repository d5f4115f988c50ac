// One more inner function of kafkajs 2.2.4, written anew: the decoding of a record batch. kafkajs makes six objects of 64
// bits, two decoders and a slice for each record, and a reader holds thousands of records at once (bench `ledger`). And of
// what is compressed it knows gzip alone, to any size: a batch that it does not know stops its reader for good.
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { TooLarge, unlz4, unsnappy } from './block-codecs';

/** What kafkajs gives to decode: it stands at the beginning of a batch. */
export type BatchBytes = { buffer: Buffer; offset: number; forward: (bytes: number) => void };
type Context = {
  firstOffset: string;
  firstTimestamp: string;
  partitionLeaderEpoch: number;
  inTransaction: boolean;
  isControlBatch: boolean;
  lastOffsetDelta: number;
  producerId: string;
  producerEpoch: number;
  firstSequence: number;
  maxTimestamp: string;
  timestampType: number;
};
type Headers = Record<string, Buffer | null | (Buffer | null)[]>;
type DecodedRecord = {
  magicByte: number;
  attributes: number;
  timestamp: string;
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Headers;
  isControlRecord: boolean;
  batchContext: Context & { magicByte: number };
};
export type DecodeBatch = (bytes: BatchBytes) => Promise<Context & { records: DecodedRecord[] }>;

const headerBytes = 61;
const lengthEnd = 12;
const [compressionMask, logAppendMask, transactionalMask, controlMask] = [0x07, 0x08, 0x10, 0x20];

/** A batch that holds more once it is undone, in bytes or records, is not read: no client means to send so much at once. */
const [maxUndoneBytes, maxRecords] = [8 * 1024 * 1024, 50_000];
/** Of a record; Kafka limits their bytes alone, and three bytes are one. */
const maxHeaders = 1_000;
const tooLarge = `a batch is at most ${maxUndoneBytes} bytes and ${maxRecords} messages once it is undone, each with at most ${maxHeaders} headers`;
const [gunzipped, unzstd] = [promisify(gunzip), promisify(zstdDecompress)];
const codecs = new Map<number, (bytes: Buffer) => Buffer | Promise<Buffer>>([
  [1, (bytes) => gunzipped(bytes, { maxOutputLength: maxUndoneBytes })],
  [2, (bytes) => unsnappy(bytes, maxUndoneBytes)],
  [3, (bytes) => unlz4(bytes, maxUndoneBytes)],
  [4, (bytes) => unzstd(bytes, { maxOutputLength: maxUndoneBytes })],
]);

// Bytes undone of the batches that came together, of a partition. All of them are held at once, and a thousand times as
// many may fit into one answer of Kafka as into the memory.
const undoneOf = new WeakMap<Buffer, number>();
/** Says to kafkajs that what is left did not come as yet: it is fetched again when the batches before it are handled. */
class ComesLater extends Error {
  override readonly name = 'KafkaJSPartialMessageError';
}

/** The header of the one message that stands for a batch that cannot be read; says why. */
export const UNREADABLE_BATCH = 'govbus-unreadable-batch';

/**
 * The decoding of batches that are whole; what is cut off is left to `original`.
 *
 * Shape: of a batch that cannot be undone, or holds too much, comes one message at its last place, with the header
 *   `UNREADABLE_BATCH`: who reads it refuses that one, and what lies behind goes on.
 * Errors: rejects as the original does for what is cut off, when the batches before it were as large as one may be.
 * Source: Kafka protocol, "Record Batch" and "Record".
 */
export function batchDecoder(original: DecodeBatch): DecodeBatch {
  return (bytes) => {
    const { buffer, offset } = bytes;
    if (buffer.length - offset < headerBytes) return original(bytes);
    const length = buffer.readInt32BE(offset + 8);
    const attributes = buffer.readInt16BE(offset + 21);
    const end = offset + lengthEnd + length;
    if (end > buffer.length) return original(bytes);
    const at = (place: number): bigint => buffer.readBigInt64BE(offset + place);
    const context: Context = {
      firstOffset: String(at(0)),
      firstTimestamp: String(at(27)),
      partitionLeaderEpoch: buffer.readInt32BE(offset + 12),
      inTransaction: (attributes & transactionalMask) > 0,
      isControlBatch: (attributes & controlMask) > 0,
      lastOffsetDelta: buffer.readInt32BE(offset + 23),
      producerId: String(at(43)),
      producerEpoch: buffer.readInt16BE(offset + 51),
      firstSequence: buffer.readInt32BE(offset + 53),
      maxTimestamp: String(at(35)),
      timestampType: (attributes & logAppendMask) > 0 ? 1 : 0,
    };
    const codec = attributes & compressionMask;
    const count = buffer.readInt32BE(offset + 57);
    if (codec !== 0 && (undoneOf.get(buffer) ?? 0) >= maxUndoneBytes) return Promise.reject(new ComesLater());
    bytes.forward(lengthEnd + length);
    const found = buffer.subarray(0, end);
    const decoded = (records: DecodedRecord[]) => ({ ...context, records });
    if (codec !== 0 || count > maxRecords)
      return undone(codec, found.subarray(offset + headerBytes), count, context, buffer).then(decoded);
    try {
      return Promise.resolve(decoded(recordsOf(new Cursor(found, offset + headerBytes), count, context)));
    } catch (error) {
      if (error instanceof TooLarge) return Promise.resolve(decoded([standIn(context, tooLarge)]));
      throw error;
    }
  };
}

async function undone(
  codec: number,
  bytes: Buffer,
  count: number,
  context: Context,
  cameWith: Buffer,
): Promise<DecodedRecord[]> {
  const undo = codecs.get(codec);
  try {
    if (count > maxRecords) throw new TooLarge(`more than ${maxRecords} messages in a batch`);
    if (!undo) throw new RangeError(`codec ${codec}`);
    if (count === 0) return [];
    const whole = await undo(bytes);
    undoneOf.set(cameWith, (undoneOf.get(cameWith) ?? 0) + whole.length);
    return recordsOf(new Cursor(whole, 0), count, context);
  } catch (error) {
    const isTooLarge = error instanceof TooLarge || (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return [standIn(context, isTooLarge ? tooLarge : 'the batch is not what its codec says')];
  }
}

// With a value: without one it would pass for a tombstone.
const standIn = (context: Context, reason: string): DecodedRecord => ({
  magicByte: 2,
  attributes: 0,
  timestamp: context.maxTimestamp,
  offset: sum(context.firstOffset, context.lastOffsetDelta),
  key: null,
  value: Buffer.from(reason),
  headers: { [UNREADABLE_BATCH]: Buffer.from(reason) },
  isControlRecord: context.isControlBatch,
  batchContext: { ...context, magicByte: 2 },
});

function recordsOf(cursor: Cursor, count: number, context: Context): DecodedRecord[] {
  const { firstOffset, firstTimestamp, maxTimestamp, timestampType, isControlBatch } = context;
  const batchContext = { ...context, magicByte: 2 };
  const isAppendTime = timestampType === 1;
  const records: DecodedRecord[] = [];
  let encoded: Buffer | undefined;
  let headers: Headers = {};
  for (let i = 0; i < count; i += 1) {
    const length = cursor.number();
    const end = cursor.at + length;
    if (length < 0 || end > cursor.buffer.length) throw new RangeError('a record ends beyond its batch');
    const attributes = cursor.byte();
    const timestampDelta = cursor.number();
    const offsetDelta = cursor.number();
    const key = cursor.bytes();
    const value = cursor.bytes();
    // Those of what a producer sends together are mostly the same: decoded once, and frozen as they are shared.
    const bytes = cursor.buffer.subarray(cursor.at, end);
    if (!encoded?.equals(bytes)) {
      encoded = bytes;
      headers = Object.freeze(headersOf(cursor));
    }
    cursor.at = end;
    records.push({
      magicByte: 2,
      attributes,
      timestamp: isAppendTime ? maxTimestamp : sum(firstTimestamp, timestampDelta),
      offset: sum(firstOffset, offsetDelta),
      key,
      value,
      headers,
      isControlRecord: isControlBatch,
      batchContext,
    });
  }
  return records;
}

function headersOf(cursor: Cursor): Headers {
  const headers = new Map<string, Headers[string]>();
  const count = cursor.number();
  if (count > maxHeaders) throw new TooLarge(`more than ${maxHeaders} headers`);
  for (let left = count; left > 0; left -= 1) {
    const name = cursor.bytes()?.toString() ?? '';
    const value = cursor.bytes();
    const known = headers.get(name);
    if (Array.isArray(known)) known.push(value);
    else headers.set(name, known === undefined ? value : [known, value]);
  }
  // A header may be called `__proto__`.
  return Object.fromEntries(headers);
}

function sum(first: string, delta: number): string {
  const whole = Number(first) + delta;
  return Number.isSafeInteger(whole) ? String(whole) : String(BigInt(first) + BigInt(delta));
}

class Cursor {
  constructor(
    readonly buffer: Buffer,
    public at: number,
  ) {}

  byte(): number {
    return this.buffer.readInt8(this.at++);
  }

  /** A zig-zag varint of at most 53 bits, which deltas of times and offsets never reach. */
  number(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 0x80) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) throw new RangeError('a record batch ends within a record');
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }

  /** Bytes after their length; null for the length -1. */
  bytes(): Buffer | null {
    const length = this.number();
    if (length < 0) return null;
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }
}
