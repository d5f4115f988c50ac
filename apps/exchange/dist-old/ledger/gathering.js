"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Gathering = void 0;
const maxTogether = 2_000;
// While PostgreSQL commits one transaction, the next is parsed.
const maxAtOnce = 2;
/**
 * Gathers the batches of many partitions into few transactions: at a low rate each partition has a handful of messages,
 * and a transaction costs more than they do (bench `publish`).
 *
 * INVARIANT: `write` never holds two parts of one partition, since a partition's reader waits for its part.
 */
class Gathering {
    write;
    waiting = [];
    running = 0;
    constructor(write) {
        this.write = write;
    }
    /** Resolves when the part is written. Errors: what `write` threw for the parts that it was written with. */
    add(part) {
        return new Promise((resolve, reject) => {
            this.waiting.push({ ...part, resolve, reject });
            // Whoever comes in this turn of the event loop comes along.
            setImmediate(() => void this.drain());
        });
    }
    async drain() {
        if (this.waiting.length === 0 || this.running >= maxAtOnce)
            return;
        this.running += 1;
        const together = this.next();
        try {
            await this.write(together.map(({ partition, messages }) => ({ partition, messages })));
            together.forEach(({ resolve }) => resolve());
        }
        catch (error) {
            together.forEach(({ reject }) => reject(error));
        }
        this.running -= 1;
        void this.drain();
    }
    next() {
        let size = 0;
        const end = this.waiting.findIndex(({ messages }, i) => (size += messages.length) > maxTogether && i > 0);
        return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
    }
}
exports.Gathering = Gathering;
//# sourceMappingURL=gathering.js.map