import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveredEvent } from '@govbus/contracts';

type Answer = { status: number; headers?: Record<string, string> };
type Received = { path: string; headers: IncomingHttpHeaders; body: string; at: number };

/** A real receiver that answers what it is told to; `hold` keeps every answer back. */
export class Receiver {
  readonly received: Received[] = [];
  /** The headers of the questions whether it allows deliveries, and what it says to them. */
  readonly asked: IncomingHttpHeaders[] = [];
  consent: Record<string, string> = {};
  consentStatus = 200;
  aborted = 0;
  answer: Answer = { status: 204 };
  /** What it answers to single events, or to pages, that it does not answer like the others. */
  answerTo: (delivered: DeliveredEvent[]) => Answer | undefined = () => undefined;
  isHolding = false;
  /** Whether the answers at a path are held back; those at every path, if it holds. */
  holds: (path: string) => boolean = () => this.isHolding;
  /** Milliseconds until it answers what it does not hold. */
  delayMs = 0;
  /** Whether it ends connections without an answer. */
  isDeaf = false;
  /** Requests, answered or not. */
  attempts = 0;
  /** Told of each delivery before it is answered or held. */
  onReceived: (received: Received) => void = () => undefined;
  private readonly held: (() => unknown)[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      receiver.attempts += 1;
      if (receiver.isDeaf) return request.destroy();
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('close', () => (receiver.aborted += response.writableEnded ? 0 : 1));
      request.on('end', () => {
        if (request.method === 'OPTIONS') {
          receiver.asked.push(request.headers);
          return response.writeHead(receiver.consentStatus, receiver.consent).end();
        }
        const body = Buffer.concat(chunks).toString();
        const path = request.url ?? '';
        const received = { path, headers: request.headers, body, at: Date.now() };
        receiver.received.push(received);
        receiver.onReceived(received);
        const answer = (): unknown => {
          const { status, headers } = receiver.answerTo(eventsIn(body)) ?? receiver.answer;
          return response.writeHead(status, headers).end('ignored');
        };
        if (receiver.holds(path)) receiver.held.push(answer);
        else setTimeout(answer, receiver.delayMs);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }
  /** Gives the answer that has been kept back for the longest time. */
  answerOne(): void {
    this.held.shift()?.();
  }
  /** Gives the answers that were kept back. */
  release(): void {
    this.isHolding = false;
    for (const answer of this.held.splice(0)) answer();
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }
  get ids(): string[] {
    return this.received.flatMap(({ body }) => eventsIn(body).map((delivered) => delivered.id));
  }
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** The events of a request: a batch, or one by itself. */
export function eventsIn(body: string): DeliveredEvent[] {
  const parsed = JSON.parse(body) as DeliveredEvent | DeliveredEvent[];
  return Array.isArray(parsed) ? parsed : [parsed];
}

// Others import what stands above; this test runs here alone.
if (expect.getState().testPath === __filename)
  it('answers what it is told, and remembers what came', async () => {
    const receiver = await Receiver.start();
    receiver.answer = { status: 503, headers: { 'retry-after': '7' } };
    const answer = await fetch(receiver.url, { method: 'POST', body: '[{"id":"1"}]' });
    receiver.stop();
    expect([answer.status, answer.headers.get('retry-after'), receiver.ids]).toEqual([503, '7', ['1']]);
  });
