import { setTimeout as pause } from 'node:timers/promises';

/** Asks until there is an answer. Errors: after the deadline, naming what was waited for. */
export async function eventually<T>(
  check: () => Promise<T | undefined>,
  what: string,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`);
    await pause(100);
  }
}
