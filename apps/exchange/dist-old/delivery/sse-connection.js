"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.SseConnection = void 0;
/** How long a client may take nothing of what waits for it, in milliseconds. */
const maxStuckMs = 30_000;
/** How long a client has to take the last bytes of a stream that ends, in milliseconds. */
const maxEndMs = 500;
/** One client's connection: what is written waits until the client takes it, so that a slow one holds only itself. */
class SseConnection {
    response;
    writtenAt = performance.now();
    constructor(response) {
        this.response = response;
    }
    /** Milliseconds since the last write. */
    get quietMs() {
        return performance.now() - this.writtenAt;
    }
    /** Resolves when the client has taken nearly all of it, has gone, or `cut` is aborted. */
    async write(text, cut) {
        if (this.response.destroyed || cut.aborted)
            return;
        this.writtenAt = performance.now();
        if (this.response.write(text))
            return;
        await new Promise((resolve) => {
            const stuck = setTimeout(() => this.breakOff(), maxStuckMs);
            const done = () => {
                clearTimeout(stuck);
                this.response.off('drain', done).off('close', done);
                cut.removeEventListener('abort', done);
                resolve();
            };
            this.response.once('drain', done).once('close', done);
            cut.addEventListener('abort', done);
        });
    }
    /** The last bytes; a client that does not take them soon is broken off, and what waits for it is thrown away. */
    async end(text) {
        if (this.response.destroyed)
            return;
        await new Promise((resolve) => {
            const late = setTimeout(() => this.breakOff(), maxEndMs);
            this.response.once('close', () => {
                clearTimeout(late);
                resolve();
            });
            this.response.end(text);
        });
    }
    // With a reset, so that not even what the system holds for the client goes out any more.
    breakOff() {
        this.response.socket?.resetAndDestroy();
        this.response.destroy();
    }
}
exports.SseConnection = SseConnection;
//# sourceMappingURL=sse-connection.js.map