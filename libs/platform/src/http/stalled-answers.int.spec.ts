import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { hangUpOnStalled, onGone } from './stalled-answers';

const size = 32 * 1024 * 1024;
let app: FastifyInstance;
let gone: Promise<void>;
beforeEach(async () => {
  app = fastify();
  hangUpOnStalled(app, 200);
  app.get('/', (_request, reply) => {
    gone = new Promise((resolve) => onGone(reply, resolve));
    return reply.send('x'.repeat(size));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => app.close());

const ask = () => {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  return socket;
};

it('hangs up on a client that takes nothing of its answer', async () => {
  const socket = ask();
  await once(socket, 'readable');
  await gone;
  expect(socket.bytesRead).toBeLessThan(size);
  socket.destroy();
});

it('leaves one alone that takes its time, and has nothing against a rest between two questions', async () => {
  const socket = ask();
  let read = 0;
  while (read < size) {
    const chunk = socket.read() as Buffer | null;
    if (chunk) read += chunk.length;
    // Each time longer than nothing, together longer than a client may stall.
    await new Promise((resolve) => (chunk ? setTimeout(resolve, 1) : socket.once('readable', resolve)));
  }
  await gone;
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(socket, 'readable');
  socket.destroy();
});

it('calls back at once when the client has gone already', () => {
  const callback = jest.fn();
  onGone({ raw: { closed: true } } as Parameters<typeof onGone>[0], callback);
  expect(callback).toHaveBeenCalledTimes(1);
});
