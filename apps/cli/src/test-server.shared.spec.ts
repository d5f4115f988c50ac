import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Io } from './io';
import { run } from './program';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;
export type Event = { id: string; source: string; time?: string; data: Record<string, unknown> };

/** A little system on one port: an issuer, and what a test adds to it. */
export class TestServer {
  readonly dir = mkdtempSync(join(tmpdir(), 'govbus-cli-'));
  readonly requests: string[] = [];
  tokens = 0;
  private readonly routes = new Map<string, Handler>();
  private server: Server;
  private port = 0;

  constructor() {
    this.on('POST /oidc/token', (_request, response) => {
      this.tokens += 1;
      json(response, 200, { access_token: `token-${this.tokens}`, expires_in: 600 });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((done) => this.server.listen(this.port, '127.0.0.1', done));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  async away(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    await closed;
  }

  async stop(): Promise<void> {
    await this.away();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** `route` is `METHOD /path`; the longest that the request begins with answers it. */
  on(route: string, handler: Handler): void {
    this.routes.set(route, handler);
  }

  write(name: string, content: string | Buffer | object): string {
    const path = join(this.dir, name);
    const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
    writeFileSync(path, isRaw ? content : JSON.stringify(content));
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8');
  }

  /** Runs the command line against this server. */
  run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    return this.runWith({}, ...argv);
  }

  runWith(over: Partial<Io>, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    const names = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'];
    const urls = Object.fromEntries(names.map((name) => [name, this.url]));
    const secrets = { 'reports-system': 'secret', 'water-system': 'secret', auditor: 'secret' };
    this.write('credentials.json', { urls, secrets, ...this.extra });
    return runCli(argv, { GOVBUS_CONNECTION: join(this.dir, 'credentials.json') }, this.dir, over);
  }
  extra: object = {};

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const asked = `${request.method} ${request.url}`;
    this.requests.push(asked);
    const [, handler] = [...this.routes]
      .filter(([route]) => asked.startsWith(route))
      .sort(([a], [b]) => b.length - a.length)[0] ?? [undefined, undefined];
    if (handler) handler(request, response, body);
    else json(response, 404, { code: 'route.unknown', detail: 'no such route' });
  }
}

export async function runCli(argv: string[], env: NodeJS.ProcessEnv, cwd: string, over: Partial<Io> = {}) {
  const written = { out: '', err: '' };
  const err = new Writable({
    write: (chunk, _encoding, done) => {
      written.err += String(chunk);
      done();
    },
  });
  const out = (text: string): Promise<void> => {
    written.out += text;
    return Promise.resolve();
  };
  const code = await run(argv, { out, err, env, cwd, stopSignal: () => new AbortController().signal, ...over });
  return { code, ...written };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** An exchange that remembers what it accepted, by source and id, and answers as the real one does. */
export class TestExchange {
  readonly accepted = new Map<string, Event>();
  batches: Event[][] = [];
  /** Refuses an event; undefined takes it. */
  check: (event: Event) => object | undefined = () => undefined;
  /** Answers a request in another way; true when it did. */
  disturb: (events: Event[], response: ServerResponse) => boolean = () => false;

  constructor(server: TestServer) {
    server.on('POST /v1/events', (_request, response, body) => {
      const events = JSON.parse(body) as Event[];
      this.batches.push(events);
      if (this.disturb(events, response)) return;
      const results = events.map((event, index) => this.take(event, index));
      const refused = results.filter(({ status }) => status === 'refused').length;
      json(response, refused ? 207 : 202, { accepted: events.length - refused, refused, results });
    });
  }

  private take(event: Event, index: number) {
    const problem = this.check(event);
    if (problem) return { index, id: event.id, status: 'refused', problem };
    this.accepted.set(`${event.source} ${event.id}`, event);
    return { index, id: event.id, status: 'accepted' };
  }
}
