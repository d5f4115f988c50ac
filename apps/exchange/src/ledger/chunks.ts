const chunkBytes = 512 * 1024;
const maxFree = 32;
const free: Buffer[] = [];

/**
 * Bytes written one after another, outside the heap and into chunks that are used again: what a batch of the ledger holds
 * lives long enough to be moved by collections, and would cause more of them (bench `batch`).
 */
export class Chunks {
  private readonly taken: Buffer[] = [];
  private readonly full: Buffer[] = [];
  private chunk: Buffer = Buffer.alloc(0);
  private end = 0;

  /** All that was written, in its order. */
  parts(): Buffer[] {
    return [...this.full, this.chunk.subarray(0, this.end)];
  }

  /** Ends the use of all that was written. Never after an error: a connection may still be sending it. */
  giveBack(): void {
    for (const chunk of this.taken.splice(0)) if (free.length < maxFree) free.push(chunk);
  }

  int16(value: number): void {
    this.reserve(2);
    this.end = this.chunk.writeInt16BE(value, this.end);
  }

  int32(value: number): void {
    this.reserve(4);
    this.end = this.chunk.writeInt32BE(value, this.end);
  }

  int64(value: bigint): void {
    this.reserve(8);
    this.end = this.chunk.writeBigInt64BE(value, this.end);
  }

  bytes(value: Buffer): void {
    this.reserve(value.length);
    this.end += value.copy(this.chunk, this.end);
  }

  /** Text in UTF-8; answers its bytes. */
  text(value: string): Buffer {
    // No character of UTF-16 needs more than three bytes.
    this.reserve(value.length * 3);
    const start = this.end;
    this.end += this.chunk.write(value, start);
    return this.chunk.subarray(start, this.end);
  }

  /** Text in UTF-8 behind the number of its bytes. */
  countedText(value: string): void {
    this.reserve(4 + value.length * 3);
    const bytes = this.chunk.write(value, this.end + 4);
    this.chunk.writeInt32BE(bytes, this.end);
    this.end += 4 + bytes;
  }

  private reserve(bytes: number): void {
    if (this.end + bytes <= this.chunk.length) return;
    if (this.end > 0) this.full.push(this.chunk.subarray(0, this.end));
    this.end = 0;
    if (bytes > chunkBytes) {
      this.chunk = Buffer.allocUnsafeSlow(bytes);
      return;
    }
    this.chunk = free.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
    this.taken.push(this.chunk);
  }
}
