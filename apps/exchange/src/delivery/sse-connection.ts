import type { ServerResponse } from 'node:http';

/** How long a client has to take the last bytes of a stream that ends, in milliseconds. */
const maxEndMs = 500;

/** One client's connection: what is written waits until the client takes it, so that a slow one holds only itself. */
export class SseConnection {
  private writtenAt = performance.now();

  /** Runs while something waits for the client, whoever still waits for that: a cut does not begin it anew. */
  private stuck: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: ServerResponse,
    /** How long a client may take nothing of what waits for it, in milliseconds. */
    private readonly maxStuckMs = 30_000,
  ) {
    const taken = (): void => {
      clearTimeout(this.stuck);
      this.stuck = undefined;
    };
    response.on('drain', taken).on('close', taken);
  }

  /** Milliseconds since the last write. */
  get quietMs(): number {
    return performance.now() - this.writtenAt;
  }

  /** Resolves when the client has taken nearly all of it, has gone, or `cut` is aborted. */
  async write(text: string, cut: AbortSignal): Promise<void> {
    if (this.response.destroyed || cut.aborted) return;
    this.writtenAt = performance.now();
    if (!this.response.write(text)) this.stuck ??= setTimeout(() => this.breakOff(), this.maxStuckMs);
    await this.ready(cut);
  }

  /** Resolves when the client has taken nearly all that was written, has gone, or `cut` is aborted. */
  async ready(cut: AbortSignal): Promise<void> {
    if (!this.response.writableNeedDrain || cut.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.response.off('drain', done).off('close', done);
        cut.removeEventListener('abort', done);
        resolve();
      };
      this.response.once('drain', done).once('close', done);
      cut.addEventListener('abort', done);
    });
  }

  /** The last bytes; a client that does not take them soon is broken off, and what waits for it is thrown away. */
  async end(text: string): Promise<void> {
    if (this.response.destroyed) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => this.breakOff(), maxEndMs);
      this.response.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      this.response.end(text);
    });
  }

  // With a reset, so that not even what the system holds for the client goes out any more.
  private breakOff(): void {
    this.response.socket?.resetAndDestroy();
    this.response.destroy();
  }
}
