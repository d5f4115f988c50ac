import type { ServerResponse } from 'node:http';
/** One client's connection: what is written waits until the client takes it, so that a slow one holds only itself. */
export declare class SseConnection {
    private readonly response;
    private writtenAt;
    constructor(response: ServerResponse);
    /** Milliseconds since the last write. */
    get quietMs(): number;
    /** Resolves when the client has taken nearly all of it, has gone, or `cut` is aborted. */
    write(text: string, cut: AbortSignal): Promise<void>;
    /** The last bytes; a client that does not take them soon is broken off, and what waits for it is thrown away. */
    end(text: string): Promise<void>;
    private breakOff;
}
//# sourceMappingURL=sse-connection.d.ts.map