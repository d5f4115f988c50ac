/** One line of input: its number from 0, and its bytes without the line end; undefined when it is longer than allowed. */
export type Line = {
    index: number;
    bytes: Buffer | undefined;
};
/**
 * Cuts a stream of bytes into lines, whatever the chunks. It holds at most one line of `maxBytes`; of a longer one it
 * only notes that it was too long. Empty lines count and are passed over.
 */
export declare class LineReader {
    private readonly maxBytes;
    private readonly held;
    private length;
    private isTooLong;
    private index;
    constructor(maxBytes: number);
    /** The lines that end in `chunk`; they are valid until the next is taken. */
    take(chunk: Buffer): Generator<Line>;
    /** The last line, when no line end came after it. */
    end(): Generator<Line>;
    private hold;
    private lineOf;
}
//# sourceMappingURL=line-reader.d.ts.map