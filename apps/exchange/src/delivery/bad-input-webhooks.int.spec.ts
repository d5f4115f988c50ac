import 'reflect-metadata';
import type { Socket } from 'node:net';
import { eventually } from '@govbus/testing';
import { event, type Exchange } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';
import { HostileReceiver } from './hostile-receiver.shared.spec';

jest.setTimeout(90_000);

const mebibyte = 1024 * 1024;
let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(async () => {
  HostileReceiver.stopAll();
  await hooks.stop();
});

type Case = [name: string, answer: (socket: Socket, hostile: HostileReceiver) => void];
const ok = 'HTTP/1.1 200 OK\r\n';
const refused: Case[] = [
  ['no HTTP', (socket) => void socket.write('220 mail.example ESMTP\r\n')],
  ['random bytes', (socket) => void socket.write(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 31) % 256)))],
  ['a status that is none', (socket) => void socket.write('HTTP/1.1 abc OK\r\n\r\n')],
  ['a status of four digits', (socket) => void socket.write('HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n')],
  ['a header of NUL', (socket) => void socket.write(`${ok}x: a\0b\r\ncontent-length: 0\r\n\r\n`)],
  ['headers without end', (socket, hostile) => (socket.write(ok), hostile.pour(socket, `x: ${'y'.repeat(1000)}\r\n`))],
  ['one header without end', (socket, hostile) => (socket.write(`${ok}x: `), hostile.pour(socket, 'y'.repeat(4096)))],
  ['the end of the connection', (socket) => void socket.end()],
  ['half of a status line', (socket) => void socket.end('HTTP/1.1 20')],
  ['half of its headers', (socket) => void socket.end(`${ok}content-le`)],
  ['a reset', (socket) => void socket.resetAndDestroy()],
  ['two lengths', (socket) => void socket.write(`${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`)],
  [
    'a redirect to itself',
    (socket) => void socket.write('HTTP/1.1 307 R\r\nlocation: /hook\r\ncontent-length: 0\r\n\r\n'),
  ],
  ['another protocol', (socket) => void socket.write('HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')],
];
// The status is what counts: whoever says 200 has taken the events, whatever comes behind it.
const taken: Case[] = [
  [
    'a body without end',
    (socket, hostile) => (
      socket.write(`${ok}transfer-encoding: chunked\r\n\r\n`),
      hostile.pour(socket, `1000\r\n${'x'.repeat(4096)}\r\n`)
    ),
  ],
  [
    'a body of 100 MiB',
    (socket, hostile) => (
      socket.write(`${ok}content-length: ${100 * mebibyte}\r\n\r\n`),
      hostile.pour(socket, Buffer.alloc(64 * 1024))
    ),
  ],
  ['a body that breaks off', (socket) => void socket.end(`${ok}content-length: 1000\r\n\r\nabc`)],
  ['a body that never comes', (socket) => void socket.write(`${ok}content-length: 1000\r\n\r\n`)],
  ['a chunk that is none', (socket) => void socket.write(`${ok}transfer-encoding: chunked\r\n\r\nzz\r\n`)],
  [
    'an answer called gzip',
    (socket) => void socket.write(`${ok}content-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope`),
  ],
  ['two answers', (socket) => void socket.write(`${ok}content-length: 0\r\n\r\n`.repeat(2))],
];

async function hooked(answer: Case[1], before = 0) {
  const hostile = await HostileReceiver.start(answer);
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId);
  const { id } = await hooks.hook(agreement, { url: hostile.url });
  const good = await hooks.hook(agreement);
  await hooks.publish(datasetId, String(before + 1));
  return { hostile, id, good, datasetId };
}

describe('a receiver of webhooks', () => {
  it.each(refused)('that answers with %s has not taken the events, and holds up nobody', async (_name, answer) => {
    const { hostile, id, good } = await hooked(answer);
    await eventually(() => expect(good.receiver.ids).toEqual(['1']), 20_000);
    await eventually(async () => expect(await hooks.view(id)).toMatchObject({ lastError: expect.any(String) }), 20_000);
    const view = await hooks.view(id);
    expect(view).toMatchObject({ ackedPosition: 0, delivered: 0 });
    expect(String(view.lastError)).toMatch(/^(no connection|the receiver answered \d{3}|no answer within)/);
    expect(hostile.requests).toBeGreaterThan(0);
    expect(hostile.answered).toBeLessThan(hostile.requests * 8 * mebibyte);
  });

  it.each(taken)('that answers with 200 and %s has taken the events', async (_name, answer) => {
    const { hostile, id, good } = await hooked(answer);
    await eventually(() => expect(good.receiver.ids).toEqual(['1']), 20_000);
    await eventually(
      async () => expect(await hooks.view(id)).toMatchObject({ ackedPosition: 1, delivered: 1 }),
      20_000,
    );
    // What it goes on to send is not read: the connection is gone, or holds no more than the network does.
    expect(hostile.answered).toBeLessThan(hostile.requests * 16 * mebibyte);
  });

  it('that never answers, says without end that it will, or never comes to the end of a status, is given up after a while', async () => {
    const silent = await hooked(() => undefined);
    const promising = await hooked((socket) => {
      const more = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(more));
    });
    const wordy = await hooked(
      (socket, hostile) => (socket.write('HTTP/1.1 200 '), hostile.pour(socket, 'O'.repeat(4096))),
    );
    for (const { id, good, hostile } of [silent, promising, wordy]) {
      await eventually(() => expect(good.receiver.ids).toEqual(['1']), 20_000);
      await eventually(
        async () => expect(await hooks.view(id)).toMatchObject({ ackedPosition: 0, lastError: expect.any(String) }),
        25_000,
      );
      await eventually(() => expect(hostile.open).toBeLessThanOrEqual(1), 20_000);
    }
  });

  it('that is good goes on in order while all the others answer as they like', async () => {
    const { datasetId } = await exchange.dataset();
    const agreement = await exchange.agreement(datasetId);
    for (const [, answer] of [...refused, ...taken])
      await hooks.hook(agreement, { url: (await HostileReceiver.start(answer)).url });
    const good = await hooks.hook(agreement);
    const ids = Array.from({ length: 30 }, (_, i) => String(i + 1));
    for (const id of ids) expect((await exchange.publish(hooks.publisher, event(datasetId, id))).status).toBe(202);
    await eventually(() => expect(good.receiver.ids).toEqual(ids), 30_000);
  });
});
