// What other clients compress with and Node does not undo by itself: LZ4 and Snappy. Bounded, as whoever may write to a
// topic chooses the bytes, and a message of 1 MiB may stand for many times as much.

/** What is undone is larger than its reader takes. */
export class TooLarge extends RangeError {}

/**
 * The contents of an LZ4 frame, at most `bound` bytes.
 *
 * Errors: `TooLarge`; `RangeError` for what is no such frame, or is cut off. Checksums are left to Kafka's own.
 * Source: LZ4 Frame Format 1.6.4; LZ4 Block Format.
 */
export function unlz4(input: Buffer, bound: number): Buffer {
  const from = new Input(input);
  const out = new Output(bound);
  if (from.number(4) !== 0x184d2204) throw new RangeError('not an LZ4 frame');
  const flags = from.byte();
  if (flags >> 6 !== 1) throw new RangeError('an LZ4 frame of another version');
  const [hasBlockChecksum, hasSize, hasDictionary] = [0x10, 0x08, 0x01].map((flag) => (flags & flag) !== 0);
  if (hasDictionary) throw new RangeError('an LZ4 frame with a dictionary');
  // The descriptor of its blocks, its size, and the checksum of its header.
  from.take(1 + (hasSize ? 8 : 0) + 1);
  for (;;) {
    const size = from.number(4);
    if (size === 0) return out.taken();
    const block = from.take(size & 0x7fffffff);
    // The highest bit says that the block is as it was.
    if (size >= 0x80000000) out.append(block);
    else unlz4Block(new Input(block), out);
    if (hasBlockChecksum) from.take(4);
  }
}

function unlz4Block(from: Input, out: Output): void {
  for (;;) {
    const token = from.byte();
    out.append(from.take(lengthOf(token >> 4, from)));
    // The last sequence has no match.
    if (from.isAtEnd) return;
    const distance = from.number(2);
    out.repeat(distance, lengthOf(token & 0x0f, from) + 4);
  }
}

function lengthOf(nibble: number, from: Input): number {
  let length = nibble;
  if (nibble === 15) for (let more = 255; more === 255; length += more) more = from.byte();
  return length;
}

const xerial = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);

/**
 * The contents of a Snappy block, or of the chain of them that Java clients write, at most `bound` bytes.
 *
 * Errors: `TooLarge`; `RangeError` for what is none, or is cut off.
 * Source: Snappy compressed format description; snappy-java, `SnappyOutputStream`.
 */
export function unsnappy(input: Buffer, bound: number): Buffer {
  const out = new Output(bound);
  const from = new Input(input);
  if (!input.subarray(0, xerial.length).equals(xerial)) unsnappyBlock(from, out);
  else {
    // Behind its name two versions.
    from.take(xerial.length + 8);
    while (!from.isAtEnd) unsnappyBlock(new Input(from.take(from.take(4).readUInt32BE())), out);
  }
  return out.taken();
}

function unsnappyBlock(from: Input, out: Output): void {
  const start = out.length;
  let [size, shift] = [0, 0];
  for (let byte = 0x80; byte >= 0x80; shift += 7) {
    byte = from.byte();
    size += (byte & 0x7f) * 2 ** shift;
  }
  while (!from.isAtEnd) {
    const tag = from.byte();
    const [kind, high] = [tag & 3, tag >> 2];
    if (kind === 0) out.append(from.take(high < 60 ? high + 1 : from.number(high - 59) + 1));
    else if (kind === 1) out.repeat(((tag >> 5) << 8) + from.byte(), (high & 7) + 4);
    else out.repeat(from.number(kind === 2 ? 2 : 4), high + 1);
  }
  if (out.length - start !== size) throw new RangeError('a Snappy block of another size than it says');
}

class Input {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError('compressed bytes that are cut off');
    return byte;
  }

  /** So many bytes as a whole number, the lowest first. */
  number(bytes: number): number {
    return this.take(bytes).readUIntLE(0, bytes);
  }

  take(count: number): Buffer {
    this.at += count;
    if (this.at > this.bytes.length) throw new RangeError('compressed bytes that are cut off');
    return this.bytes.subarray(this.at - count, this.at);
  }
}

class Output {
  length = 0;
  private bytes = Buffer.allocUnsafe(64 * 1024);
  constructor(private readonly bound: number) {}

  append(more: Buffer): void {
    this.makeRoom(more.length);
    more.copy(this.bytes, this.length);
    this.length += more.length;
  }

  /** What stands so far behind the end, again; it may reach into what it writes. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) throw new RangeError('compressed bytes that refer to none');
    this.makeRoom(count);
    const { bytes } = this;
    const from = this.length - distance;
    if (distance >= count) bytes.copy(bytes, this.length, from, from + count);
    else for (let i = 0; i < count; i += 1) bytes[this.length + i] = bytes[from + i] as number;
    this.length += count;
  }

  taken(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private makeRoom(count: number): void {
    const needed = this.length + count;
    if (needed > this.bound) throw new TooLarge(`more than ${this.bound} bytes once it is undone`);
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, this.bytes.length * 2), this.bound));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
