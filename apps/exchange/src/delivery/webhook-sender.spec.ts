import 'reflect-metadata';
import dns from 'node:dns';
import { createServer as createHttpServer, type OutgoingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Clock, FixedClock } from '@govbus/platform';
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
  jest.spyOn(dns.promises.Resolver.prototype, 'resolve4').mockResolvedValue(['127.0.0.1']);
  jest.spyOn(dns.promises.Resolver.prototype, 'resolve6').mockRejectedValue(new Error('no such record'));
});
afterEach(() => {
  jest.restoreAllMocks();
  server.close();
});

type Answer = (error: Error | null, addresses: unknown, family?: number) => void;

type Use = (sender: WebhookSender, page: Disclosed) => Promise<unknown>;

async function withSender(WEBHOOK_ALLOW_PRIVATE: 'true' | 'false', clock: Clock, use: Use): Promise<unknown> {
  const config = Object.assign(new AppConfig(), { PUBLIC_URL: 'https://bus.example', WEBHOOK_ALLOW_PRIVATE });
  const sender = new WebhookSender(config, clock);
  const db = { transaction: (work: (tx: unknown) => unknown) => work(undefined) } as unknown as DataSource;
  const page = { agreement: new AgreementCopy(), events: [], messageKeys: [], hasMore: false };
  const result = await use(sender, await Disclosed.commit(db, () => Promise.resolve(page)));
  await sender.onApplicationShutdown();
  return result;
}
const { signal } = new AbortController();
const target = { secrets: [], id: 'msg_1', isSingle: false };
const sendTo = (url: string, allowPrivate: 'true' | 'false') =>
  withSender(allowPrivate, new Clock(), (sender, page) => sender.send(page, { ...target, url }, signal));

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

describe('a receiver that names a time to come back', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const hourMs = 3_600_000;
  it.each<[status: number, retryAfter: string, waitMs: number | undefined]>([
    [503, '90', 90_000],
    [429, '3600', hourMs],
    [503, '3601', hourMs],
    [503, '999999', hourMs],
    [503, 'Thu, 01 Jan 2026 00:30:00 GMT', hourMs / 2],
    [429, 'Fri, 01 Jan 2027 00:00:00 GMT', hourMs],
    [503, 'Wed, 31 Dec 2025 23:59:59 GMT', undefined],
    [503, '0', undefined],
    [503, '-5', undefined],
    [503, 'soon', undefined],
    [500, '1800', undefined],
    [502, '1800', undefined],
    [408, '1800', undefined],
    [404, '1800', undefined],
    [302, '1800', undefined],
  ])('with %i and `%s` is given so many ms: %p', async (status, retryAfter, waitMs) => {
    const receiver = createHttpServer((request, response) => {
      const headers: OutgoingHttpHeaders = { 'retry-after': retryAfter, connection: 'close' };
      request.resume().on('end', () => response.writeHead(status, headers).end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const results = await withSender('true', new FixedClock(now), async (sender, page) => [
      await sender.send(page, { ...target, url }, signal),
      await sender.ask(url, signal),
    ]);
    receiver.close();
    const failed = { outcome: 'failed', error: `the receiver answered ${status}`, retryAfterMs: waitMs };
    // Without consent a question that was answered is refused; only one that is away is asked again.
    const isAway = status === 429 || status >= 500;
    const answered = isAway ? expect.objectContaining(failed) : expect.objectContaining({ outcome: 'refused' });
    expect(results).toEqual([expect.objectContaining(failed), answered]);
  });
});
