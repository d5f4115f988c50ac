import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Agent, type Dispatcher, request } from 'undici';

/** A parsed JSON object. */
export type Answer = Record<string, unknown>;

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

/** Calls of other services: bounded in time and size, and never with a payload in an error. */
@Injectable()
export class OutgoingHttp implements OnModuleDestroy {
  // Twice what the largest page can hold (500 events of 256 KiB).
  private readonly agent = new Agent({
    headersTimeout: 15_000,
    bodyTimeout: 30_000,
    maxResponseSize: 256 * 1024 * 1024,
  });

  onModuleDestroy(): Promise<void> {
    return this.agent.close();
  }

  /**
   * The answer as a JSON object, empty for 204.
   *
   * Errors: `Refused` for any status of 400 and above; whatever the network throws.
   */
  async ask(
    what: string,
    url: string,
    options: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string; signal?: AbortSignal },
  ): Promise<Answer> {
    const { statusCode, headers, body } = await request(url, { ...options, dispatcher: this.agent });
    if (statusCode === 204) return (await body.dump(), {});
    if (statusCode < 400) return objectOf(await parsed(body, what));
    const problem = objectOf(await parsed(body, what).catch(() => undefined));
    const code = [problem.code, problem.error].find((given) => typeof given === 'string') ?? 'unknown';
    const retryAfter = Number(headers['retry-after']);
    throw new Refused(what, statusCode, String(code).slice(0, 80), Number.isFinite(retryAfter) ? retryAfter : 0);
  }
}

// The parser's own error quotes the text it stumbled over, which may be a record.
async function parsed(body: Dispatcher.ResponseData['body'], what: string): Promise<unknown> {
  const text = await body.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} was answered with something that is not JSON`);
  }
}

/** The value when it is a JSON object; an empty one otherwise. */
export function objectOf(value: unknown): Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
