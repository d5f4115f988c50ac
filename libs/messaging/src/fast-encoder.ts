// What kafkajs 2.2.4 wraps around the batches of a request, written anew: it copies all of them with each wrapping, five
// times, into buffers that are filled with zeros before and grown by doubling. Here what is large stays as it is, beside
// the little that is written around it, until the whole request is asked for.

/** The state of kafkajs' encoder, and the `parts` that lie before its buffer. */
export type EncoderState = { buf: Buffer; offset: number; parts?: Buffer[] };
type Encoder = EncoderState & { writeBufferInternal: (buffer: Buffer) => void };
/** An encoder, or what takes the place of one and has its bytes together. */
type Written = EncoderState | { buf: Buffer; buffer: Buffer };

/** Bytes from which on a copy costs more than a part. */
const largeBytes = 16 * 1024;
const bytesAround = 128;

const lengthOf = (parts: readonly Buffer[]): number => parts.reduce((sum, { length }) => sum + length, 0);
const partsOf = (written: Written): Buffer[] =>
  'offset' in written ? [...(written.parts ?? []), written.buf.subarray(0, written.offset)] : [written.buffer];

const mends = {
  /** Only what was written is ever sent, so the rest of a buffer need not be zeros. */
  ensureAvailable(this: Encoder, length: number): void {
    const needed = this.offset + length;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(needed)));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  },

  writeEncoder(this: Encoder, value: Written | null | undefined): Encoder {
    if (!Buffer.isBuffer(value?.buf)) throw new Error('value should be an instance of Encoder');
    const parts = partsOf(value);
    if (lengthOf(parts) < largeBytes) {
      for (const part of parts) this.writeBufferInternal(part);
      return this;
    }
    this.parts = [...partsOf(this), ...parts];
    this.buf = Buffer.allocUnsafe(bytesAround);
    this.offset = 0;
    return this;
  },

  size(this: Encoder): number {
    return lengthOf(this.parts ?? []) + this.offset;
  },
};

/** All that was written; joined once, however often it is asked for. */
function buffer(this: Encoder): Buffer {
  if (this.parts) {
    this.buf = Buffer.concat(partsOf(this));
    this.offset = this.buf.length;
    this.parts = undefined;
  }
  return this.buf.subarray(0, this.offset);
}

/** Mends kafkajs' encoder in place. */
export function mendEncoder(prototype: object): void {
  Object.assign(prototype, mends);
  Object.defineProperty(prototype, 'buffer', { get: buffer });
}
