import { setTimeout as pause } from 'node:timers/promises';
import { endpointsOf } from '@govbus/platform/issuer';
import { causeOf, CliError, codeOf, messageOf, nameOf, ServiceAway } from './cli-error';
import type { Connection } from './connection';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** `body` is parsed when the answer is JSON, else its text. The caller says what it expects. */
export type Answer<T = unknown> = { status: number; body: T; headers: Headers };
type Options = { timeoutMs?: number };
type TokenAnswer = { access_token?: string; expires_in?: number; error?: string; error_description?: string };

/** Tokens are renewed this long before they end. */
const marginSeconds = 30;

/** Calls the REST APIs as any principal whose secret is known; one token for each, kept until it ends. */
export class Client {
  private readonly tokens = new Map<string, { token: Promise<string>; until: number }>();
  private readonly timeoutMs: number;

  /** `tokenUrl` is the token endpoint, or who knows it. */
  constructor(
    private readonly tokenUrl: string | (() => Promise<string>),
    readonly secrets: Record<string, string>,
    { timeoutMs = 60_000 }: Options = {},
  ) {
    this.timeoutMs = timeoutMs;
  }

  static of({ urls, secrets, issuer }: Pick<Connection, 'urls' | 'secrets' | 'issuer'>, options?: Options): Client {
    return new Client(issuer === undefined ? `${urls.departments}/oidc/token` : tokenUrlOf(issuer), secrets, options);
  }

  /** Errors: `CliError` when no secret of it is known or the issuer refuses; `ServiceAway`. */
  token(id: string): Promise<string> {
    const known = this.tokens.get(id);
    if (known && known.until > performance.now()) return known.token;
    const fresh = { token: this.askToken(id), until: Infinity };
    this.tokens.set(id, fresh);
    fresh.token.catch(() => this.forget(id, fresh));
    return fresh.token;
  }

  /**
   * One call as `id`. A text body is sent as it is, any other as JSON. A 401 is tried once more with a new token.
   *
   * Errors: `ServiceAway` when there is no answer; every answer is returned, whatever its status.
   */
  async call<T = unknown>(
    id: string,
    method: Method,
    url: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<Answer<T>> {
    const answer = await this.send(id, method, url, body, type);
    const text = await textOf(answer, url);
    const isJson = answer.headers.get('content-type')?.includes('json') && text !== '';
    return { status: answer.status, body: (isJson ? jsonOf(text, url) : text) as T, headers: answer.headers };
  }

  /** Bytes of a resource; without an `id`, as nobody. Errors: `CliError` unless it is there; `ServiceAway`. */
  async bytes(url: string, id?: string): Promise<{ status: number; content: Buffer }> {
    const answer = id === undefined ? await this.ask(url, {}) : await this.send(id, 'GET', url);
    try {
      return { status: answer.status, content: Buffer.from(await answer.arrayBuffer()) };
    } catch (error) {
      throw away(url, error);
    }
  }

  /**
   * Calls until the answer is good or says that the thing exists already: services learn of each other's changes a
   * moment later. Then its body.
   *
   * Errors: `CliError` with the last answer after `deadlineMs`; `ServiceAway` when there was none.
   */
  async must<T = unknown>(
    id: string,
    method: Method,
    url: string,
    body?: unknown,
    type?: string,
    deadlineMs = 15_000,
  ): Promise<T> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const answer = await this.call<T>(id, method, url, body, type).catch((error: unknown) => {
        if (error instanceof ServiceAway && performance.now() < deadline) return undefined;
        throw error;
      });
      const isThere = answer?.status === 409 && String(problemIn(answer).code).endsWith('.duplicate');
      if (answer && (answer.status < 300 || isThere)) return answer.body;
      if (answer && performance.now() > deadline) throw refusal(`${method} ${url} as ${id}`, answer);
      await pause(100);
    }
  }

  private async send(id: string, method: Method, url: string, body?: unknown, type?: string): Promise<Response> {
    const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    for (let attempt = 1; ; attempt += 1) {
      const headers: Record<string, string> = { authorization: `Bearer ${await this.token(id)}` };
      if (content !== undefined && type) headers['content-type'] = type;
      const answer = await this.ask(url, { method, headers, ...(content !== undefined && { body: content }) });
      if (answer.status !== 401 || attempt > 1) return answer;
      await answer.body?.cancel();
      this.tokens.delete(id);
    }
  }

  private async ask(url: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(url, { ...request, signal: AbortSignal.timeout(this.timeoutMs) });
    } catch (error) {
      throw away(url, error);
    }
  }

  private async askToken(id: string): Promise<string> {
    const secret = Object.hasOwn(this.secrets, id) ? this.secrets[id] : undefined;
    if (!secret)
      throw new CliError(
        `there is no credential for \`${id}\``,
        `known are ${Object.keys(this.secrets).sort().join(', ') || 'none'}`,
      );
    const url = typeof this.tokenUrl === 'string' ? this.tokenUrl : await this.tokenUrl();
    const answer = await this.ask(url, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const text = await textOf(answer, url);
    if (answer.status >= 500 || answer.status === 429) throw new ServiceAway(new URL(url).origin, `${answer.status}`);
    const { access_token, expires_in = 60, ...rest } = tokenIn(text);
    if (!access_token)
      throw new CliError(
        `no token for \`${id}\`: ${rest.error_description ?? rest.error ?? answer.status}`,
        'the secret in the connection file may be an old one: `npm start` writes the current ones',
      );
    const kept = this.tokens.get(id);
    if (kept) kept.until = performance.now() + Math.max(expires_in - marginSeconds, expires_in / 2) * 1000;
    return access_token;
  }

  private forget(id: string, failed: object): void {
    if (this.tokens.get(id) === failed) this.tokens.delete(id);
  }
}

const tokenUrlOf = (issuer: string) => async (): Promise<string> => {
  try {
    return (await endpointsOf(issuer)).tokenUrl;
  } catch (error) {
    throw away(issuer, error);
  }
};

function tokenIn(text: string): TokenAnswer {
  try {
    return (JSON.parse(text) ?? {}) as TokenAnswer;
  } catch {
    return {};
  }
}

function jsonOf(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ServiceAway(new URL(url).origin, 'its answer is cut off', { cause: error });
  }
}

async function textOf(answer: Response, url: string): Promise<string> {
  try {
    return await answer.text();
  } catch (error) {
    throw away(url, error);
  }
}

function away(url: string, error: unknown): ServiceAway {
  const cause = causeOf(error);
  const isLate = nameOf(error) === 'TimeoutError';
  const reason = isLate ? 'no answer in time' : (codeOf(cause) ?? messageOf(cause ?? error));
  return new ServiceAway(URL.canParse(url) ? new URL(url).origin : url, reason, { cause: error });
}

/** What a problem document says (RFC 9457); empty for any other body. */
export type ProblemFault = { pointer?: string; code?: string; detail?: string };
export type ProblemBody = { code?: string; detail?: string; faults?: ProblemFault[] };

export function problemIn({ body }: Pick<Answer, 'body'>): ProblemBody {
  return typeof body === 'object' && body !== null ? (body as ProblemBody) : {};
}

/** A refusal as a person reads it. */
export function refusal(what: string, answer: Answer): CliError {
  const { code, detail, faults = [] } = problemIn(answer);
  const list = faults.map((fault) => `${fault.pointer ?? ''} ${fault.detail ?? fault.code ?? ''}`.trim());
  const reason = [detail ?? `status ${answer.status}`, ...list].join(', ');
  return new CliError(`${what}: ${reason}${code ? ` (${code})` : ''}`, adviceOn(answer.status));
}

function adviceOn(status: number): string {
  if (status === 401) return 'the credential is not valid any more: `npm start` writes the current ones';
  if (status === 403) return 'use --as with a principal that may do this, or ask for the scope or agreement it needs';
  if (status === 404) return 'check the id';
  if (status >= 500 || status === 429) return 'try again, and see `govbus status`';
  return 'correct it and try again';
}
