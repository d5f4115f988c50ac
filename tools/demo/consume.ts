// A consumer at work: pulls and acknowledges, or receives signed webhooks; keeps what it got by position.
import { createServer, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Consumer } from './parties.ts';
import type { Stage } from './stage.ts';

export type Received = { id: string; data: Record<string, unknown> };
type Page = { events: Received[]; nextCursor: string; hasMore: boolean };
type Subscription = { subscriptionId: string; webhook?: { secret: string } };

export class Consumption {
  /** By position, so that a page that came twice counts once. */
  readonly received = new Map<string, Received>();
  subscriptionId = '';
  badSignatures = 0;
  /** Set once it was refused: the problem's code and what explains it. */
  denied: { code: string; detail: string } | undefined;
  /** When the last read began that was answered with data. */
  lastReadAt = 0;
  /** How many records it takes before it waits to be told to go on. */
  holdAt = Infinity;
  /** Reads on record by record, so slowly that what is left lasts for some seconds on any machine. */
  isSlow = false;
  private server: Server | undefined;
  private isStopping = false;
  private loop: Promise<void> = Promise.resolve();
  private readonly stage: Stage;
  readonly consumer: Consumer;
  readonly agreementId: string;

  constructor(stage: Stage, consumer: Consumer, agreementId: string) {
    this.stage = stage;
    this.consumer = consumer;
    this.agreementId = agreementId;
  }

  async start(): Promise<void> {
    const { purpose, mode, systemId } = this.consumer;
    const order = { agreementId: this.agreementId, purpose, mode, startFrom: 'beginning' };
    const url = `${this.stage.urls.exchange}/v1/subscriptions`;
    let secret = '';
    const receiver = mode === 'webhook' ? { webhook: { url: await this.listen(() => secret) } } : {};
    const made = await this.stage.client.must<Subscription>(systemId, 'POST', url, { ...order, ...receiver });
    this.subscriptionId = made.subscriptionId;
    secret = made.webhook?.secret ?? '';
    if (mode === 'pull') this.loop = this.pull(`${url}/${made.subscriptionId}`);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.loop;
    await new Promise<void>((done) => (this.server ? this.server.close(() => done()) : done()));
  }

  private async pull(url: string): Promise<void> {
    const { systemId } = this.consumer;
    while (!this.isStopping) {
      if (this.received.size >= this.holdAt) {
        await pause(20);
        continue;
      }
      const beganAt = performance.now();
      // The exchange may be away for a moment: whoever pulls tries again.
      const events = `${url}/events?limit=${this.isSlow ? 1 : 500}`;
      const answer = await this.stage.client.call(systemId, 'GET', events).catch(() => undefined);
      if (answer?.status === 403) {
        const { code, detail } = answer.body as { code: string; detail: string };
        this.denied ??= { code, detail };
        // Every refusal is an entry of the log.
        await pause(500);
      }
      const page = answer?.status === 200 ? (answer.body as Page) : undefined;
      if (page) this.lastReadAt = beganAt;
      for (const event of page?.events ?? []) this.received.set(event.id, event);
      if (page) {
        const body = { cursor: page.nextCursor };
        await this.stage.client.call(systemId, 'POST', `${url}/ack`, body).catch(() => undefined);
      }
      if (this.isSlow || !page?.hasMore) await pause(this.isSlow ? 20 : 50);
    }
  }

  private async listen(secret: () => string): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        try {
          const events = new Webhook(secret()).verify(Buffer.concat(chunks).toString(), headers) as Received[];
          for (const event of events) this.received.set(event.id, event);
          response.writeHead(204).end();
        } catch {
          this.badSignatures += 1;
          response.writeHead(400).end();
        }
      });
    });
    const { server } = this;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('the receiver has no port');
    return `http://127.0.0.1:${address.port}/events`;
  }
}
