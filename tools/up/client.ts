// A small client of the REST APIs: one token for each principal, kept until it expires.
import { setTimeout as pause } from 'node:timers/promises';

export type Answer = { status: number; body: any; headers: Headers };
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export class Client {
  private readonly tokens = new Map<string, { token: string; until: number }>();
  private readonly issuer: string;
  readonly secrets: Record<string, string>;

  constructor(issuer: string, secrets: Record<string, string>) {
    this.issuer = issuer;
    this.secrets = secrets;
  }

  async token(id: string): Promise<string> {
    const known = this.tokens.get(id);
    if (known && known.until > Date.now()) return known.token;
    const secret = this.secrets[id];
    if (!secret) throw new Error(`no credential for ${id}: known are ${Object.keys(this.secrets).join(', ')}`);
    const answer = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const body = (await answer.json()) as { access_token?: string; expires_in?: number; error_description?: string };
    if (!body.access_token) throw new Error(`no token for ${id}: ${body.error_description ?? answer.status}`);
    this.tokens.set(id, { token: body.access_token, until: Date.now() + ((body.expires_in ?? 60) - 30) * 1000 });
    return body.access_token;
  }

  async call(id: string, method: Method, url: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.token(id)}` };
    if (body !== undefined) headers['content-type'] = type;
    const answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, body: isJson && text ? JSON.parse(text) : text, headers: answer.headers };
  }

  /** Until the answer is good: services learn of each other's changes a moment later. Then its body. */
  async must(id: string, method: Method, url: string, body?: unknown, type?: string): Promise<any> {
    const deadline = performance.now() + 15_000;
    for (;;) {
      const answer = await this.call(id, method, url, body, type);
      if (answer.status < 300) return answer.body;
      if (answer.status === 409 && String(answer.body.code).endsWith('.duplicate')) return answer.body;
      if (performance.now() > deadline)
        throw new Error(`${method} ${url} as ${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
      await pause(100);
    }
  }
}

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
