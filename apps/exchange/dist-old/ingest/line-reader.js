"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.LineReader = void 0;
const lineFeed = 10;
const carriageReturn = 13;
/**
 * Cuts a stream of bytes into lines, whatever the chunks. It holds at most one line of `maxBytes`; of a longer one it
 * only notes that it was too long. Empty lines count and are passed over.
 */
class LineReader {
    maxBytes;
    held;
    length = 0;
    isTooLong = false;
    index = 0;
    constructor(maxBytes) {
        this.maxBytes = maxBytes;
        this.held = Buffer.allocUnsafeSlow(maxBytes);
    }
    /** The lines that end in `chunk`; they are valid until the next is taken. */
    *take(chunk) {
        let start = 0;
        for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
            const rest = chunk.subarray(start, end);
            start = end + 1;
            if (this.length === 0 && !this.isTooLong && rest.length <= this.maxBytes)
                yield* this.lineOf(rest);
            else {
                this.hold(rest);
                yield* this.end();
            }
        }
        this.hold(chunk.subarray(start));
    }
    /** The last line, when no line end came after it. */
    *end() {
        const bytes = this.isTooLong ? undefined : this.held.subarray(0, this.length);
        this.length = 0;
        this.isTooLong = false;
        yield* this.lineOf(bytes);
    }
    hold(bytes) {
        this.isTooLong ||= this.length + bytes.length > this.maxBytes;
        if (this.isTooLong)
            return;
        bytes.copy(this.held, this.length);
        this.length += bytes.length;
    }
    *lineOf(bytes) {
        const index = this.index++;
        const isEmpty = bytes && (bytes.length === 0 || (bytes.length === 1 && bytes[0] === carriageReturn));
        if (!isEmpty)
            yield { index, bytes };
    }
}
exports.LineReader = LineReader;
//# sourceMappingURL=line-reader.js.map