const [lf, cr] = [10, 13];

/** On which line each row begins: counted here, because a row may hold line breaks, and any of LF, CRLF, CR ends one. */
export class RowLines {
  private held: Buffer = Buffer.alloc(0);
  private heldFrom = 0;
  private line = 1;

  /** The bytes that follow in the file. */
  add(chunk: Buffer): void {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
  }

  /** The line on which the row that ends before `endByte` of the file begins; rows are asked for in their order. */
  next(endByte: number): number {
    const line = this.nextLine();
    const length = Math.min(endByte - this.heldFrom, this.held.length);
    for (let i = 0; i < length; i += 1) if (this.endsLine(i)) this.line += 1;
    this.drop(length);
    return line;
  }

  /** The line on which the row not yet asked for begins; blank lines in front of it are passed over. */
  nextLine(): number {
    let blank = 0;
    for (let byte = this.held[blank]; byte === lf || byte === cr; byte = this.held[blank]) {
      if (this.endsLine(blank)) this.line += 1;
      blank += 1;
    }
    this.drop(blank);
    return this.line;
  }

  private endsLine(at: number): boolean {
    return this.held[at] === lf || (this.held[at] === cr && this.held[at + 1] !== lf);
  }

  private drop(length: number): void {
    this.held = this.held.subarray(length);
    this.heldFrom += length;
  }
}
