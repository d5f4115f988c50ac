import { setTimeout as pause } from 'node:timers/promises';

/** Tries until `check` no longer throws; after the deadline (10 s) it throws what the last try threw. */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 10_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(20);
    }
  }
}
