import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, refusal } from './client';
import { ServiceAway } from './cli-error';

export type Patience = {
  /** How long to go on trying after the first failure. */
  patienceMs: number;
  /** Told once for each outage. */
  onWait?: (reason: string) => void;
  signal?: AbortSignal;
  /** The first wait, doubled with each failure up to `longestMs`. */
  firstMs?: number;
};
const longestMs = 5_000;

/** Whether the same request may do better later. */
export const isPassing = (status: number): boolean => status === 429 || status >= 500;

/**
 * Calls until there is an answer that will not pass: not while the service is away, busy or failing.
 *
 * Errors: what the last attempt met, when `patienceMs` are over; whatever else `call` throws, at once.
 */
export async function withPatience<T>(call: () => Promise<Answer<T>>, patience: Patience): Promise<Answer<T>> {
  let deadline: number | undefined;
  for (let failures = 1; ; failures += 1) {
    const { answer, error } = await attempt(call);
    if (answer && !isPassing(answer.status)) return answer;
    const failure =
      error ?? refusal('the service cannot take it now', answer ?? { status: 503, body: '', headers: new Headers() });
    deadline ??= performance.now() + patience.patienceMs;
    const left = deadline - performance.now();
    if (left <= 0) throw failure;
    const asked = retryAfterMs(answer);
    // It says itself that it will not be in time.
    if (asked !== undefined && asked > left) throw failure;
    if (failures === 1) patience.onWait?.(error?.reason ?? `status ${answer?.status}`);
    const wait = asked ?? backOffMs(failures, patience.firstMs ?? 250);
    await pause(Math.min(wait, left), undefined, patience.signal && { signal: patience.signal });
  }
}

async function attempt<T>(call: () => Promise<Answer<T>>): Promise<{ answer?: Answer<T>; error?: ServiceAway }> {
  try {
    return { answer: await call() };
  } catch (error) {
    if (error instanceof ServiceAway) return { error };
    throw error;
  }
}

const backOffMs = (failures: number, firstMs: number): number =>
  Math.min(firstMs * 2 ** Math.min(failures - 1, 10), longestMs) * (0.5 + Math.random() / 2);

/** What `Retry-After` asks for, in seconds or as a date. Source: RFC 9110, section 10.2.3. */
function retryAfterMs(answer: Answer | undefined): number | undefined {
  const text = answer?.headers.get('retry-after');
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
