import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SseConnection } from './sse-connection';

const maxStuckMs = 1_000;
// More than what the system holds for a client that takes nothing.
const much = 'x'.repeat(16 * 1024 * 1024);
const uncut = new AbortController().signal;
/** What jest is to leave as it is, so that only the connection's own timer stands still. */
const real = [
  ...(['Date', 'hrtime', 'performance', 'nextTick', 'queueMicrotask'] as const),
  ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] as const),
];
let server: Server;
let client: Socket;
let response: ServerResponse;
let connection: SseConnection;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  client.on('error', () => undefined).write('GET / HTTP/1.1\r\nhost: bus\r\n\r\n');
  const [, answer] = (await once(server, 'request')) as [unknown, ServerResponse];
  response = answer;
  connection = new SseConnection(response, maxStuckMs);
});
afterEach(() => {
  jest.useRealTimers();
  client.destroy();
  server.close();
});

it('lets what a client has not taken wait for it, however often that is cut off', async () => {
  // Whose client has far longer than this takes on the slowest machine.
  connection = new SseConnection(response);
  await connection.write(much, AbortSignal.timeout(20));
  const held = response.writableLength;
  expect(held).toBeGreaterThan(0);
  for (let cuts = 0; cuts < 5; cuts += 1) {
    const cut = AbortSignal.timeout(20);
    await connection.ready(cut);
    expect(cut.aborted).toBe(true);
  }
  client.resume();
  await connection.ready(uncut);
  expect(response.writableLength).toBeLessThan(held);
});

it('breaks a client off that takes nothing for too long, which a cut does not begin anew', async () => {
  const since = performance.now();
  while (!response.destroyed && performance.now() - since < 10 * maxStuckMs)
    await connection.write(response.writableNeedDrain ? ':\n\n' : much, AbortSignal.timeout(100));
  expect(response.destroyed).toBe(true);
});

it('gives a client that has taken something its time anew', async () => {
  // However long the client takes to take it, on this machine: its time does not pass.
  jest.useFakeTimers({ doNotFake: real });
  const cut = new AbortController();
  const first = connection.write(much, cut.signal);
  cut.abort();
  await first;
  jest.advanceTimersByTime(maxStuckMs - 1);
  client.resume();
  await connection.ready(uncut);
  client.pause();
  const second = connection.write(much, uncut);
  jest.advanceTimersByTime(maxStuckMs - 1);
  expect(response.destroyed).toBe(false);
  jest.advanceTimersByTime(1);
  await second;
  expect(response.destroyed).toBe(true);
});

it('keeps nobody waiting for a client that has gone', async () => {
  const written = connection.write(much, uncut);
  await pause(20);
  client.destroy();
  await written;
  await connection.ready(uncut);
  expect(response.destroyed).toBe(true);
});
