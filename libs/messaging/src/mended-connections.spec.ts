import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionErrors, mendBroker, mendConnection, mendRequestQueue } from './mended-connections';

type Link = {
  connect: () => Promise<boolean>;
  isConnected: () => boolean;
  send: (order: object) => Promise<unknown>;
  disconnect: () => Promise<boolean>;
};
type Class<T> = (new (of: object) => T) & { prototype: T };

const load = createRequire(__filename);
const errors = load('kafkajs/src/errors') as ConnectionErrors;
const Connection = load('kafkajs/src/network/connection') as Class<Link>;
const Queue = load('kafkajs/src/network/requestQueue') as Class<{ scheduleCheckPendingRequests: () => void }>;
const { requests } = load('kafkajs/src/protocol/requests') as {
  requests: { ApiVersions: { protocol: (of: { version: number }) => () => object } };
};
const newSocket = (load('kafkajs/src/network/socketFactory') as () => unknown)();
class MendedConnection extends Connection {}
mendConnection(MendedConnection.prototype, errors);
class MendedQueue extends Queue {}
mendRequestQueue(MendedQueue.prototype);

const logger = { namespace: () => logger, debug: () => undefined, warn: () => undefined, error: () => undefined };
const answerTo = (request: Buffer): Buffer => {
  // What a broker says that knows no request: length, the number of the request, no error, nothing.
  const answer = Buffer.alloc(14);
  answer.writeInt32BE(10, 0);
  request.copy(answer, 4, 8, 12);
  return answer;
};

let server: Server;
let links: Link[];
let sockets: Socket[];
/** What the broker does with a request. */
let react: (socket: Socket, answer: Buffer) => void;

beforeEach(async () => {
  [links, sockets] = [[], []];
  react = (socket, answer) => void socket.write(answer);
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).on('data', (request) => react(socket, answerTo(request)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const link of links) await link.disconnect();
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** Waits long for an answer unless it is what does not come that is looked at. */
function link(Of: Class<Link>, requestTimeout = 5_000): Link {
  const { port } = server.address() as AddressInfo;
  const times = { connectionTimeout: 1_000, requestTimeout };
  const one = new Of({ host: '127.0.0.1', port, logger, socketFactory: newSocket, ...times });
  links.push(one);
  return one;
}
const ask = (one: Link, more: { requestTimeout?: number } = {}): Promise<string> =>
  one.send({ ...requests.ApiVersions.protocol({ version: 0 })(), ...more }).then(
    () => 'answered',
    ({ name }: Error) => name,
  );

describe('a connection that is not answered in time', () => {
  const silence = async (Of: Class<Link>) => {
    const one = link(Of, 200);
    await one.connect();
    react = () => undefined;
    // The second may wait longer than the first.
    const heard = await Promise.all([ask(one), ask(one, { requestTimeout: 600 })]);
    return { heard, isConnected: one.isConnected() };
  };

  it('is given up with all that waits for it, so that another leader is looked for', async () => {
    const closed = 'KafkaJSConnectionClosedError';
    expect(await silence(MendedConnection)).toEqual({ heard: [closed, closed], isConnected: false });
    const [first] = sockets;
    if (first && !first.destroyed) await new Promise((done) => first.once('close', done));
    expect(first?.destroyed).toBe(true);
  });

  it('is kept by kafkajs alone, so that this is still needed', async () => {
    const late = 'KafkaJSRequestTimeoutError';
    expect(await silence(Connection)).toEqual({ heard: [late, late], isConnected: true });
  });
});

it('opens one socket for all who ask at once, and keeps it', async () => {
  const one = link(MendedConnection);
  expect(await Promise.all([one.connect(), one.connect(), one.connect()])).toEqual([true, true, true]);
  // Longer than a connection may take: what belongs to another socket would end this one by then.
  await pause(1_200);
  expect([await ask(one), sockets.length]).toEqual(['answered', 1]);
});

describe('a connection that broke in the middle of an answer', () => {
  const broken = async (Of: Class<Link>, requestTimeout?: number) => {
    const one = link(Of, requestTimeout);
    await one.connect();
    react = (socket, answer) => void socket.write(answer.subarray(0, 12), () => socket.resetAndDestroy());
    const heard = [await ask(one)];
    react = (socket, answer) => void socket.write(answer);
    await one.connect();
    heard.push(await ask(one));
    return heard;
  };

  it('reads the answers of the next socket from their beginning', async () => {
    expect(await broken(MendedConnection)).toEqual(['KafkaJSConnectionError', 'answered']);
  });

  it('does not with kafkajs alone, so that this is still needed', async () => {
    expect(await broken(Connection, 1_000)).toEqual(['KafkaJSConnectionError', 'KafkaJSRequestTimeoutError']);
  });
});

it('passes over a broker that takes a connection and says nothing', async () => {
  const broker = {
    brokerAddress: '127.0.0.1:9092',
    connect: () => Promise.reject(new errors.KafkaJSConnectionClosedError('closed', { host: '127.0.0.1', port: 9092 })),
  };
  mendBroker(broker, errors);
  await expect(broker.connect()).rejects.toMatchObject({ name: 'KafkaJSConnectionError', broker: '127.0.0.1:9092' });
});

describe('a connection on which nothing waits', () => {
  const timersOf = (Of: Class<{ scheduleCheckPendingRequests: () => void }>): number => {
    jest.useFakeTimers();
    try {
      const queue = new Of({ requestTimeout: 1_000, enforceRequestTimeout: false, logger });
      queue.scheduleCheckPendingRequests();
      jest.advanceTimersByTime(1_000);
      return jest.getTimerCount();
    } finally {
      jest.useRealTimers();
    }
  };

  it('looks for nothing', () => {
    expect(timersOf(MendedQueue)).toBe(0);
  });

  it('looks for ever with kafkajs alone, so that this is still needed', () => {
    expect(timersOf(Queue)).toBe(1);
  });
});
