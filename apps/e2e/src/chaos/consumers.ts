import { createServer, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@govbus/embedded';
import type { Answer, RunningCity } from '../running-city';

export type Delivered = { id: string; data: Record<string, unknown> };
type Page = { events: Delivered[]; nextCursor: string };
const consumer = 'water-system';
const patienceMs = 20_000;

/** What came by its position, in the order in which it came first; the longest wait between two pages. */
export class Inbox {
  readonly received = new Map<string, Delivered>();
  longestWaitMs = 0;
  private lastAt = performance.now();

  add(events: Delivered[]): void {
    if (events.length === 0) return;
    const now = performance.now();
    this.longestWaitMs = Math.max(this.longestWaitMs, now - this.lastAt);
    this.lastAt = now;
    for (const event of events) if (!this.received.has(event.id)) this.received.set(event.id, event);
  }
}

/** Pulls and acknowledges. */
export class Puller {
  readonly inbox = new Inbox();
  /** Reads that were answered; when the last of them began. */
  reads = 0;
  lastReadAt = 0;
  private life = new AbortController();
  private isOver = false;

  constructor(
    private readonly city: RunningCity,
    private readonly subscriptionId: string,
    /** The exchanges that are up, asked in turn. */
    private readonly exchanges: readonly string[],
  ) {}

  stop(): void {
    this.isOver = true;
  }

  /** Ends what it does, in the middle of a request too, and begins anew where it last acknowledged. */
  kill(): void {
    this.life.abort();
    this.life = new AbortController();
  }

  async run(): Promise<void> {
    for (let n = 0; !this.isOver; n += 1) {
      const url = `${this.exchanges[n % this.exchanges.length]}/v1/subscriptions/${this.subscriptionId}`;
      const events = await this.readOnce(url, this.life.signal).catch(() => 0);
      if (events === 0) await pause(100);
    }
  }

  private async readOnce(url: string, life: AbortSignal): Promise<number> {
    const beganAt = performance.now();
    const { status, body } = await this.call<Page>('GET', `${url}/events?limit=200`, life);
    if (status !== 200) return 0;
    this.reads += 1;
    this.lastReadAt = beganAt;
    this.inbox.add(body.events);
    if (!life.aborted) await this.call('POST', `${url}/ack`, life, { cursor: body.nextCursor });
    return body.events.length;
  }

  private async call<T>(method: string, url: string, life: AbortSignal, body?: object): Promise<Answer<T>> {
    const headers = { authorization: `Bearer ${await this.city.token(consumer)}`, 'content-type': 'application/json' };
    const signal = AbortSignal.any([life, AbortSignal.timeout(patienceMs)]);
    const answer = await this.city.send<T>(method, url, body, headers, signal);
    if (answer.status === 401) this.city.forgetToken(consumer);
    return answer;
  }
}

/** Receives webhooks, and can be away for a while. */
export class Receiver {
  readonly inbox = new Inbox();
  calls = 0;
  /**
   * When the call before the last one was answered. Of a subscription in order the last one was decided after that, however
   * long it was on its way.
   */
  lastBeganAfter = -Infinity;
  private answeredAt = -Infinity;
  private server: Server | undefined;
  private port: number | undefined;

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Listens, after the first time on the port that it had, which no outgoing connection gets meanwhile. */
  async start(): Promise<void> {
    const port = (this.port ??= await freePort());
    const server = createServer((request, response) => {
      this.calls += 1;
      this.lastBeganAfter = this.answeredAt;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.inbox.add(JSON.parse(Buffer.concat(chunks).toString()) as Delivered[]);
        this.answeredAt = performance.now();
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    this.server = server;
  }

  /** Cuts off what is on its way; connections are refused from now on. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    await new Promise<void>((done) => {
      if (!server) return done();
      server.close(() => done());
      server.closeAllConnections();
    });
  }
}
