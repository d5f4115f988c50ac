import { Conflict, Unavailable } from '@govbus/contracts';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { isBadData, isTransient, kafkaOf } from './connection';

const coded = (code: string): Error => Object.assign(new Error('planted'), { code });

describe('isTransient', () => {
  it.each(['08006', '57P01', '57P03', '53300', '40001', '40P01', '25006', 'ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND'])(
    'takes %s for something that is away',
    (code) => expect(isTransient(coded(code))).toBe(true),
  );
  it.each(['23505', '22P02', '42P01', 'ENOENT', 'EACCES', 'EINVAL', 'ERR_INVALID_ARG_TYPE'])(
    'takes %s for a fault of its own',
    (code) => expect(isTransient(coded(code))).toBe(false),
  );
  it.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
  ])('knows the driver by its words: %s', (message) => expect(isTransient(new Error(message))).toBe(true));

  it('tells refusals apart, and what is no error', () => {
    expect(isTransient(new Unavailable('issuer.unavailable', 'later'))).toBe(true);
    expect(isTransient(new Conflict('note.refused', 'never'))).toBe(false);
    for (const other of [undefined, null, 'ECONNREFUSED', new TypeError('x')]) expect(isTransient(other)).toBe(false);
  });
});

describe('isBadData', () => {
  it.each(['22001', '22021', '22P02', '22P05', '54000'])('takes %s for a fault of the data', (code) =>
    expect(isBadData(coded(code))).toBe(true),
  );
  it.each(['23505', '40001', '53300', '57P01', '42P01', '08006', 'ECONNRESET', '22', '54'])(
    'does not take %s',
    (code) => expect(isBadData(coded(code))).toBe(false),
  );
  it('does not take what has no code', () => {
    for (const other of [undefined, null, '22001', new Error('22001'), { code: 22001 }])
      expect(isBadData(other)).toBe(false);
  });
});

it('begins with any broker, so that clients get past one that says nothing', async () => {
  const asked = new Set<number>();
  const servers: Server[] = [];
  for (const at of [0, 1, 2]) {
    const server = createServer((socket) => void (asked.add(at), socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
  }
  const brokers = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
  const connect = () => kafkaOf(brokers, 'spec', { requestTimeoutMs: 500, retries: 0 }).admin().connect();
  await Promise.allSettled(Array.from({ length: 60 }, connect));
  expect(asked).toEqual(new Set([0, 1, 2]));
  servers.forEach((server) => server.close());
});
