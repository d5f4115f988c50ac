import type { Dispatcher } from 'undici';

/** A parsed JSON object. */
export type Answer = Record<string, unknown>;

/** How long another service may take, in ms. */
export const timeouts = { headersTimeout: 15_000, bodyTimeout: 30_000 };

/** Another service said no. Its `code` is safe to log; its body is not kept. */
export class Refused extends Error {
  constructor(
    readonly what: string,
    readonly status: number,
    readonly code: string,
    readonly retryAfterSeconds: number,
  ) {
    super(`${what} was refused with ${status} ${code}`);
    this.name = 'Refused';
  }
}

/**
 * The answer as a JSON object, empty for 204.
 *
 * Errors: `Refused` for any status of 400 and above.
 */
export async function answerOf(response: Dispatcher.ResponseData, what: string): Promise<Answer> {
  const { statusCode, headers, body } = response;
  if (statusCode < 400) return statusCode === 204 ? (await body.dump(), {}) : objectOf(await body.json());
  const problem = objectOf(await body.json().catch(() => ({})));
  const code = [problem.code, problem.error].find((given) => typeof given === 'string') ?? 'unknown';
  const retryAfter = Number(headers['retry-after']);
  throw new Refused(what, statusCode, String(code).slice(0, 80), Number.isFinite(retryAfter) ? retryAfter : 0);
}

/** The value when it is a JSON object; an empty one otherwise. */
export function objectOf(value: unknown): Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
