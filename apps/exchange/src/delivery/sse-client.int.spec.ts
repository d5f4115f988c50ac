import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { DeliveredEvent } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import type { Caller, Exchange } from '../exchange.int.spec';

export type Frame = { id: string; event: string; data: string };

/** A client of one stream that reads as WHATWG HTML, section 9.2 says. */
export class SseClient {
  readonly frames: Frame[] = [];
  /** What the client would name when it came back. */
  lastEventId = '';
  retryMs: number | undefined;
  comments = 0;
  isEnded = false;
  text = '';
  private building = { event: '', data: [] as string[] };

  private constructor(
    private readonly response: IncomingMessage,
    readonly close: () => void,
  ) {}

  static async open(
    exchange: Exchange,
    id: string,
    caller: Caller,
    headers: Record<string, string> = {},
    claims: object = {},
  ): Promise<SseClient> {
    const token = await exchange.issuer.token({ ...caller, kind: 'system', roles: [] }, claims);
    if (!exchange.app.getHttpServer().listening) await exchange.app.listen(0, '127.0.0.1');
    const url = `${await exchange.app.getUrl()}/v1/subscriptions/${id}/stream`;
    // A connection of its own, so that closing it leaves nothing behind that keeps the server from stopping.
    const request = get(url, { agent: false, headers: { authorization: `Bearer ${token}`, ...headers } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const client = new SseClient(response, () => request.destroy());
    void client.read();
    return client;
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get headers(): IncomingMessage['headers'] {
    return this.response.headers;
  }

  get problem(): Record<string, unknown> | undefined {
    const last = this.frames.at(-1);
    return last?.event === 'problem' ? (JSON.parse(last.data) as Record<string, unknown>) : undefined;
  }

  get events(): DeliveredEvent[] {
    return this.frames.filter(({ event }) => event !== 'problem').map(({ data }) => JSON.parse(data) as DeliveredEvent);
  }

  get ids(): string[] {
    return this.events.map(({ id }) => id);
  }

  has(count: number): Promise<void> {
    return eventually(() => expect(this.events).toHaveLength(count));
  }

  async ended(): Promise<void> {
    await eventually(() => expect(this.isEnded).toBe(true));
  }

  private async read(): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of this.response.setEncoding('utf8') as AsyncIterable<string>) {
        this.text += chunk;
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.take(line);
      }
    } catch {
      // Broken off: the spec sees it by `isEnded`.
    }
    this.isEnded = true;
  }

  private take(line: string): void {
    if (line === '') {
      const { event, data } = this.building;
      this.building = { event: '', data: [] };
      if (data.length > 0) this.frames.push({ id: this.lastEventId, event: event || 'message', data: data.join('\n') });
      return;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === '') this.comments += 1;
    else if (field === 'id') this.lastEventId = value;
    else if (field === 'event') this.building.event = value;
    else if (field === 'data') this.building.data.push(value);
    else if (field === 'retry') this.retryMs = Number(value);
    else throw new Error(`unknown field ${field}`);
  }
}

/** A client that takes nothing of its stream. */
export class StuckClient {
  private constructor(private readonly socket: Socket) {}

  static async open(exchange: Exchange, id: string, caller: Caller): Promise<StuckClient> {
    const token = await exchange.issuer.token({ ...caller, kind: 'system', roles: [] });
    if (!exchange.app.getHttpServer().listening) await exchange.app.listen(0, '127.0.0.1');
    const { hostname, port } = new URL(await exchange.app.getUrl());
    const socket = connect(Number(port), hostname).pause();
    socket.write(
      `GET /v1/subscriptions/${id}/stream HTTP/1.1\r\nhost: bus\r\nconnection: close\r\nauthorization: Bearer ${token}\r\n\r\n`,
    );
    return new StuckClient(socket);
  }

  close(): void {
    this.socket.destroy();
  }

  /** Takes all that is still to be had, and answers how many bytes that were. */
  rest(): Promise<number> {
    return new Promise((resolve) => {
      let bytes = 0;
      this.socket.on('error', () => undefined).on('close', () => resolve(bytes));
      this.socket.on('data', (chunk) => (bytes += chunk.length)).resume();
    });
  }
}

// Specs import what stands above; this test runs here alone.
if (expect.getState().testPath === __filename)
  it('is a client of streams', () => expect(SseClient.open).toBeInstanceOf(Function));
