import { setImmediate as othersFirst } from 'node:timers/promises';

/** Longest that a request has the process for itself, in ms; one event, however long it takes, is never interrupted. */
const maxAtOnceMs = 10;

/** Lets other requests have their turn between the events of a large one (P6). */
export class Breath {
  private since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.since > maxAtOnceMs;
  }

  async take(): Promise<void> {
    await othersFirst();
    this.since = performance.now();
  }
}
