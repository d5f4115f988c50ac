import 'reflect-metadata';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { eventually } from '@govbus/testing';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';
import { maxIdleMs } from './event-stream';
import { IngestLimits } from './ingest-limits';

let exchange: Exchange;
let publisher: Caller;
let datasetId: string;
beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
  await exchange.app.listen(0, '127.0.0.1');
}, 60_000);
beforeEach(async () => ({ datasetId } = await exchange.dataset()));
afterEach(() => jest.restoreAllMocks());
afterAll(() => exchange.stop());

/** The limit of time of the next stream in the hands of the spec: it counts nothing, and is over when the spec says so. */
function holdIdleLimit() {
  const limit = { refreshes: 0, pass: (): void => undefined };
  const { setTimeout: start } = globalThis;
  const held = (after: () => void, ms?: number, ...more: unknown[]) => {
    const timer = Reflect.apply(start, undefined, [after, ms, ...more]) as NodeJS.Timeout;
    // Others may wait for as long.
    if (ms !== maxIdleMs || !new Error().stack?.includes('event-stream')) return timer;
    clearTimeout(timer);
    limit.pass = after;
    return Object.assign(timer, {
      refresh: () => {
        limit.refreshes += 1;
        return timer;
      },
    });
  };
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(held as never);
  return limit;
}

/** How many bytes of lines were taken, as they are counted for the volume of a day. */
function countTaken(): { bytes: number } {
  const taken = { bytes: 0 };
  const limits = exchange.app.get(IngestLimits);
  const charge = limits.charge.bind(limits);
  jest.spyOn(limits, 'charge').mockImplementation((system, events, bytes) => {
    taken.bytes += bytes;
    charge(system, events, bytes);
  });
  return taken;
}

/** A stream over a connection of its own, of which each write is a chunk. */
async function open(...head: string[]) {
  const token = await exchange.issuer.token({ ...publisher, kind: 'system', roles: [] });
  const { port } = exchange.app.getHttpServer().address() as AddressInfo;
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const wire = { text: '', isClosed: false };
  socket.on('data', (data: Buffer) => (wire.text += data.toString()));
  socket.on('close', () => (wire.isClosed = true));
  const lines = ['host: bus', `authorization: Bearer ${token}`, 'content-type: application/x-ndjson', ...head];
  socket.write(['POST /v1/events HTTP/1.1', ...lines, 'transfer-encoding: chunked', '', ''].join('\r\n'));
  const write = (bytes: Buffer): void =>
    void socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]));
  return Object.assign(wire, { socket, write });
}

it.each<[name: string, head: string[], encode: (text: string) => Buffer, hidden: number]>([
  ['as it is', [], (text) => Buffer.from(text), 0],
  // Not compressed, so that it can be told of each byte what becomes of it: behind ten bytes of gzip and five of a block.
  ['by gzip', ['content-encoding: gzip'], (text) => gzipSync(text, { level: 0 }), 15],
])(
  'a line that comes byte by byte holds a stream for no longer than none at all: %s',
  async (_, head, encode, hidden) => {
    const limit = holdIdleLimit();
    const taken = countTaken();
    const wire = await open(...head);
    const line = `${JSON.stringify(event(datasetId, 'whole'))}\n`;
    wire.write(encode(line));
    await eventually(() => expect(wire.text).toContain('"id":"whole","status":"accepted"'));
    // Whether more lines come is looked at once the answer is out.
    await eventually(() => expect(limit.refreshes).toBeGreaterThanOrEqual(2));
    const { refreshes } = limit;
    expect(taken.bytes).toBe(line.length);
    const half = encode('{"specversion":"1.0","id":"never-whole"');
    for (let at = 0; at < hidden; at += 1) wire.write(half.subarray(at, at + 1));
    for (let bytes = 1; bytes <= 20; bytes += 1) {
      wire.write(half.subarray(hidden + bytes - 1, hidden + bytes));
      await eventually(() => expect(taken.bytes).toBe(line.length + bytes));
    }
    expect(limit.refreshes).toBe(refreshes);
    expect(wire.text).not.toContain('stream.idle');
    limit.pass();
    await eventually(() => expect(wire.isClosed).toBe(true));
    expect(wire.text).toMatch(/^HTTP\/1\.1 200 /);
    const summary =
      '{"accepted":1,"refused":0,"problem":{"code":"stream.idle","detail":"no line came for 30 seconds"}}\n';
    expect(wire.text).toContain(summary);
    await exchange.ledgerAt(datasetId, 1);
  },
);

it('is a problem where no line came before', async () => {
  const limit = holdIdleLimit();
  const taken = countTaken();
  const wire = await open();
  wire.write(Buffer.from('{'));
  await eventually(() => expect(taken.bytes).toBe(1));
  limit.pass();
  await eventually(() => expect(wire.isClosed).toBe(true));
  expect(wire.text).toMatch(/^HTTP\/1\.1 400 /);
  expect(wire.text).toContain('"code":"stream.idle"');
});
