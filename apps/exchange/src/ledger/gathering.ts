import type { RawMessage } from '@govbus/messaging';

/** What waits of one partition, in its order, and the offset behind what its reader has written before. */
export type Part = { partition: number; messages: RawMessage[]; written?: bigint };
type Waiting = Part & { resolve: () => void; reject: (error: unknown) => void };

const maxTogether = 2_000;
// While PostgreSQL commits one transaction, the next is parsed.
const maxAtOnce = 2;

/**
 * Gathers the batches of many partitions into few transactions: at a low rate each partition has a handful of messages,
 * and a transaction costs more than they do (bench `publish`).
 *
 * INVARIANT: `write` never holds two parts of one partition, since a partition's reader waits for its part.
 */
export class Gathering {
  private waiting: Waiting[] = [];
  private running = 0;

  constructor(private readonly write: (parts: Part[]) => Promise<void>) {}

  /** Resolves when the part is written. Errors: what `write` threw for the parts that it was written with. */
  add(part: Part): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...part, resolve, reject });
      // Whoever comes in this turn of the event loop comes along.
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    if (this.waiting.length === 0 || this.running >= maxAtOnce) return;
    this.running += 1;
    const together = this.next();
    try {
      await this.write(together.map(({ partition, messages, written }) => ({ partition, messages, written })));
      together.forEach(({ resolve }) => resolve());
    } catch (error) {
      together.forEach(({ reject }) => reject(error));
    }
    this.running -= 1;
    void this.drain();
  }

  private next(): Waiting[] {
    let size = 0;
    const end = this.waiting.findIndex(({ messages }, i) => (size += messages.length) > maxTogether && i > 0);
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
