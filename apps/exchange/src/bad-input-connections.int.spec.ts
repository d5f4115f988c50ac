import 'reflect-metadata';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { eventually } from '@govbus/testing';
import { type Caller, consumer, event, Exchange, provider } from './exchange.int.spec';

type Watched = Server & { connectionsCheckingInterval: number };

let exchange: Exchange;
let server: Watched;
let publisher: Caller;
let token: string;
let datasetId: string;
let asConfigured: { headersTimeout: number; requestTimeout: number };
/** The same limits, only sooner: for those alone who exceed them. */
const soon = { headersTimeout: 700, requestTimeout: 1_000 };

beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish', 'events:read']);
  ({ datasetId } = await exchange.dataset());
  token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
  server = exchange.app.getHttpServer() as Watched;
  asConfigured = { headersTimeout: server.headersTimeout, requestTimeout: server.requestTimeout };
  // Looked at more often than in operation.
  server.connectionsCheckingInterval = 100;
  await exchange.app.listen(0, '127.0.0.1');
}, 60_000);
afterAll(() => exchange.stop());
afterEach(async () => {
  // Whatever came before, the next one is served.
  expect((await exchange.publish(publisher, event(datasetId, 'good'))).status).toBe(202);
});

/** A connection of its own, and what came back on it. */
class Wire {
  isClosed = false;
  private readonly answer: Buffer[] = [];
  private constructor(readonly socket: Socket) {
    // A server that refuses early may close before all is written.
    socket.on('error', () => undefined).on('data', (bytes) => this.answer.push(bytes));
    socket.on('close', () => (this.isClosed = true));
  }
  static async open(): Promise<Wire> {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise((connected) => socket.once('connect', connected));
    return new Wire(socket);
  }
  get text(): string {
    return Buffer.concat(this.answer).toString('latin1');
  }
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
  }
  async closed(): Promise<void> {
    await eventually(() => expect(this.isClosed || this.socket.readableEnded).toBe(true), 15_000);
    this.socket.destroy();
  }
}

/** Sends bytes as they are and waits for the end of the connection. */
async function exchangeBytes(...parts: (string | Buffer)[]): Promise<Wire> {
  const wire = await Wire.open();
  for (const part of parts) wire.socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  await wire.closed();
  return wire;
}

const lines = (...head: string[]): string => `${head.join('\r\n')}\r\n\r\n`;
const bearer = (): string => `authorization: Bearer ${token}`;
const structured = 'content-type: application/cloudevents+json';
const posting = (...more: string[]): string =>
  lines('POST /v1/events HTTP/1.1', 'host: bus', bearer(), structured, 'connection: close', ...more);
const body = (id: string): string => JSON.stringify(event(datasetId, id));
const subscribing = (...more: string[]): string =>
  lines('POST /v1/subscriptions HTTP/1.1', 'host: bus', bearer(), 'content-type: application/json', ...more);

it('has limits of time for headers and for bodies', () => {
  expect(asConfigured.requestTimeout).toBeGreaterThan(0);
  expect(asConfigured.requestTimeout).toBeLessThanOrEqual(60_000);
  expect(asConfigured.headersTimeout).toBeGreaterThan(0);
  expect(asConfigured.headersTimeout).toBeLessThanOrEqual(60_000);
});

describe('who sends slowly', () => {
  beforeEach(() => void Object.assign(server, soon));
  afterEach(() => void Object.assign(server, asConfigured));

  it.each<[string, () => string, string]>([
    ['its request line', () => '', 'GET /v1/subscriptions HTTP/1.1'],
    ['its headers', () => 'GET /v1/subscriptions HTTP/1.1\r\nhost: bus\r\n', 'x: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['an event', () => posting('content-length: 5000'), 'x'.repeat(5000)],
    ['an order', () => subscribing('content-length: 5000'), 'x'.repeat(5000)],
    ['chunks', () => subscribing('transfer-encoding: chunked'), '1\r\na\r\n'.repeat(1000)],
  ])('%s is answered 408 and hung up on', async (_name, head, drops) => {
    const wire = await Wire.open();
    wire.socket.write(head());
    let at = 0;
    const drip = setInterval(() => {
      if (!wire.socket.destroyed) wire.socket.write(drops.charAt(at++));
    }, 50);
    await wire.closed().finally(() => clearInterval(drip));
    expect(wire.statuses).toEqual([408]);
    expect(wire.text).toContain('"code":"request.too-slow"');
  });

  it('nothing at all is hung up on', async () => {
    const wire = await Wire.open();
    await wire.closed();
    expect(wire.statuses).toEqual([408]);
  });

  it('by hundreds keeps nobody else from being served', async () => {
    Object.assign(server, asConfigured);
    const many = await Promise.all(Array.from({ length: 300 }, () => Wire.open()));
    for (const { socket } of many) socket.write('POST /v1/events HTTP/1.1\r\nhost: bus\r\nx: ');
    expect((await exchange.call('GET', '/health/live')).status).toBe(200);
    const wire = await exchangeBytes(posting(`content-length: ${body('beside').length}`), body('beside'));
    expect(wire.statuses).toEqual([202]);
    Object.assign(server, soon);
    await Promise.all(many.map((one) => one.closed()));
  });
});

describe('a request that is none', () => {
  it.each<[string, () => string, number[]]>([
    ['a method that is none', () => lines('BREW /v1/events HTTP/1.1', 'host: bus'), [400]],
    ['a method in small letters', () => lines('get /health/live HTTP/1.1', 'host: bus'), [400]],
    ['a method of 64 KiB', () => lines(`${'G'.repeat(65_536)} / HTTP/1.1`, 'host: bus'), [400, 431]],
    ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['the greeting of TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    ['a version that is none', () => lines('GET /health/live HTTP/9.9', 'host: bus'), [400]],
    ['no host', () => lines('GET /health/live HTTP/1.1', 'connection: close'), [400]],
    ['a folded header', () => lines('GET /health/live HTTP/1.1', 'host: bus', 'x: a', ' b'), [400]],
    ['a header of NUL', () => lines('GET /health/live HTTP/1.1', 'host: bus', 'x: a\0b'), [400]],
    ['a header without a name', () => lines('GET /health/live HTTP/1.1', 'host: bus', ': b'), [400]],
    ['an address of 10 MiB', () => lines(`GET /${'x'.repeat(10 * 1024 * 1024)} HTTP/1.1`, 'host: bus'), [431]],
    ['10 MiB of headers', () => lines('GET / HTTP/1.1', 'host: bus', `x: ${'y'.repeat(10 * 1024 * 1024)}`), [431]],
    [
      'many headers of 10 MiB in all',
      () => lines('GET / HTTP/1.1', 'host: bus', ...Array.from({ length: 10_000 }, () => `x: ${'y'.repeat(1024)}`)),
      [431],
    ],
    ['a length below nothing', () => posting('content-length: -1'), [400]],
    ['a length beyond all numbers', () => posting('content-length: 99999999999999999999'), [400]],
    [
      'two ways to say the length',
      () => posting('content-length: 2', 'transfer-encoding: chunked') + '0\r\n\r\n',
      [400],
    ],
    ['an encoding of the transfer that is none', () => posting('transfer-encoding: snail') + '{}', [400, 501]],
    ['a chunk that is none', () => subscribing('transfer-encoding: chunked') + 'zz\r\n{}', [400]],
    ['a chunk of an endless size', () => subscribing('transfer-encoding: chunked') + `${'f'.repeat(40)}\r\n{}`, [400]],
    [
      'a chunk with an endless remark',
      () => subscribing('transfer-encoding: chunked') + `1;${'x'.repeat(200_000)}`,
      [400, 413],
    ],
  ])('%s is refused and hung up on', async (_name, bytes, statuses) => {
    const wire = await exchangeBytes(bytes());
    expect(statuses).toContain(wire.statuses.at(0));
    expect(wire.statuses).toHaveLength(1);
    expect(wire.text).toMatch(/^content-type: application\/problem\+json/im);
    expect(wire.text).toMatch(/^connection: close/im);
  });
});

describe('an unusual request', () => {
  it.each<[string, () => string, number]>([
    ['of HTTP/1.0', () => lines('GET /health/live HTTP/1.0'), 200],
    [
      'to a whole address',
      () => lines('GET http://elsewhere/health/live HTTP/1.1', 'host: bus', 'connection: close'),
      200,
    ],
    ['for no address', () => lines('OPTIONS * HTTP/1.1', 'host: bus', 'connection: close'), 404],
    ['to trace', () => lines('TRACE /v1/events HTTP/1.1', 'host: bus', bearer(), 'connection: close'), 405],
    [
      'for a web socket',
      () =>
        lines(
          'GET /v1/subscriptions HTTP/1.1',
          'host: bus',
          'connection: upgrade, close',
          'upgrade: websocket',
          'sec-websocket-version: 13',
          'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
        ),
      401,
    ],
    [
      'for HTTP/2 in clear text',
      () => lines('GET /health/live HTTP/1.1', 'host: bus', 'connection: upgrade, close', 'upgrade: h2c'),
      200,
    ],
    ['with an expectation that nobody has', () => posting('expect: 200-maybe', 'content-length: 0'), 417],
  ])('%s is answered plainly', async (_name, bytes, status) => {
    const wire = await exchangeBytes(bytes());
    expect(wire.statuses).toEqual([status]);
    expect(wire.text).not.toContain('101 Switching');
  });

  it('for a tunnel is hung up on', async () => {
    const wire = await exchangeBytes(lines('CONNECT 127.0.0.1:5432 HTTP/1.1', 'host: bus'));
    expect(wire.statuses).not.toContain(200);
  });

  it('that waits to be told to go on is told so, and then taken', async () => {
    const wire = await Wire.open();
    wire.socket.write(posting('expect: 100-continue', `content-length: ${body('waits').length}`));
    await eventually(() => expect(wire.statuses).toEqual([100]));
    wire.socket.write(body('waits'));
    await wire.closed();
    expect(wire.statuses).toEqual([100, 202]);
  });

  it('among others on one connection is answered in its turn', async () => {
    const good = (id: string): string =>
      lines('POST /v1/events HTTP/1.1', 'host: bus', bearer(), structured, `content-length: ${body(id).length}`) +
      body(id);
    const unknown = lines('GET /v1/nowhere HTTP/1.1', 'host: bus');
    const last = posting(`content-length: ${body('p3').length}`) + body('p3');
    const wire = await exchangeBytes(good('p1') + unknown + good('p2') + last);
    expect(wire.statuses).toEqual([202, 404, 202, 202]);
    expect([...wire.text.matchAll(/"id":"(p\d)"/g)].map(([, id]) => id)).toEqual(['p1', 'p2', 'p3']);
  });

  it('that is none ends its connection, and what follows it is not read', async () => {
    const wire = await exchangeBytes('NONSENSE\r\n\r\n' + posting(`content-length: ${body('q1').length}`) + body('q1'));
    expect(wire.statuses).toEqual([400]);
    const status = await exchange.call('GET', `/v1/events/status?source=/tests/${datasetId}&id=q1`, publisher);
    expect(status.body).toMatchObject({ status: 'unknown' });
  });

  it('hidden in the body of another is a body, and no request', async () => {
    const hidden = lines('GET /v1/nowhere HTTP/1.1', 'host: bus');
    const wire = await exchangeBytes(posting(`content-length: ${hidden.length}`) + hidden);
    expect(wire.statuses).toEqual([400]);
  });
});

describe('a compressed body', () => {
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024, ' '), { level: 9 });
  it.each([
    ['an event', structured, 413],
    ['a batch', 'content-type: application/cloudevents-batch+json', 413],
  ])('that inflates to 256 MiB is refused before it does: %s', async (_name, type, status) => {
    const head = [
      'POST /v1/events HTTP/1.1',
      'host: bus',
      bearer(),
      type,
      'connection: close',
      'content-encoding: gzip',
    ];
    const before = process.memoryUsage().arrayBuffers;
    const wire = await exchangeBytes(lines(...head, `content-length: ${bomb.length}`), bomb);
    expect(wire.statuses).toEqual([status]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('is not inflated where only events may be compressed', async () => {
    const reader = await exchange.system(consumer, ['events:read']);
    const readers = await exchange.issuer.token({ ...reader, kind: 'system', roles: [] });
    const head = lines(
      'POST /v1/subscriptions HTTP/1.1',
      'host: bus',
      `authorization: Bearer ${readers}`,
      'content-type: application/json',
      'content-encoding: gzip',
      'connection: close',
      `content-length: ${bomb.length}`,
    );
    const wire = await exchangeBytes(head, bomb);
    expect([400, 413, 415]).toContain(wire.statuses.at(0));
  });
});
