import 'reflect-metadata';
import dns from 'node:dns';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Clock } from '@govbus/platform';
import type { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { AgreementCopy } from '../agreements/agreement.entity';
import { Disclosed } from './disclosure';
import { WebhookSender } from './webhook-sender';

let server: Server;
let received: Buffer[];
let connections: number;

beforeEach(async () => {
  [received, connections] = [[], 0];
  server = createServer((socket) => {
    connections += 1;
    socket
      .on('error', () => undefined)
      .on('data', (data: Buffer) => {
        received.push(data);
        socket.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The outside: a name of the internet, which whoever owns it lets stand for an address of ours.
  jest
    .spyOn(dns, 'lookup')
    .mockImplementation(((_name: string, options: { all?: boolean }, answer: Answer) =>
      options.all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4)) as never);
});
afterEach(() => {
  jest.restoreAllMocks();
  server.close();
});

type Answer = (error: Error | null, addresses: unknown, family?: number) => void;

async function sendTo(url: string, WEBHOOK_ALLOW_PRIVATE: 'true' | 'false') {
  const config = Object.assign(new AppConfig(), { PUBLIC_URL: 'https://bus.example', WEBHOOK_ALLOW_PRIVATE });
  const sender = new WebhookSender(config, new Clock());
  const db = { transaction: (work: (tx: unknown) => unknown) => work(undefined) } as unknown as DataSource;
  const page = { agreement: new AgreementCopy(), events: [], messageKeys: [], hasMore: false };
  const target = { url, secrets: [], id: 'msg_1', isSingle: false };
  const result = await sender.send(
    await Disclosed.commit(db, () => Promise.resolve(page)),
    target,
    new AbortController().signal,
  );
  await sender.onApplicationShutdown();
  return result;
}

it('sends not a byte to a name that stands for a private address', async () => {
  const url = `https://receiver.example:${(server.address() as AddressInfo).port}/hook`;
  expect(await sendTo(url, 'false')).toEqual({
    outcome: 'failed',
    error: 'no connection: ADDRESS_REFUSED',
    cause: 'away',
  });
  expect([connections, received]).toEqual([0, []]);
  // Where private addresses are allowed the same name is called.
  expect(await sendTo(url, 'true')).toMatchObject({ outcome: 'failed' });
  expect(connections).toBe(1);
});
