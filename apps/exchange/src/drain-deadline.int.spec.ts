import 'reflect-metadata';
import { type Caller, consumer, Exchange, provider } from './exchange.int.spec';
import type { ExchangeProcess } from './exchange-process.shared.spec';
import { HeldWebhook, startNamed, stored } from './takeovers.shared.spec';

jest.setTimeout(300_000);

let seed: Exchange;
let reader: Caller;
let publisher: Caller;
let webhook: HeldWebhook;
const running: ExchangeProcess[] = [];
beforeEach(async () => {
  seed = await Exchange.start({ EXCHANGE_ROLES: 'ingest,ledger' });
  publisher = await seed.system(provider, ['events:publish']);
  reader = await seed.system(consumer, ['events:read']);
  webhook = await HeldWebhook.start(seed);
});
afterEach(async () => {
  for (const exchange of running.splice(0)) await exchange.end('SIGKILL');
  webhook.stop();
  await seed.stop();
});
const start = async (name: string, over: object = {}): Promise<ExchangeProcess> => {
  const started = await startNamed(seed, name, 'delivery', [], over);
  running.push(started);
  return started;
};

it('ends with 1 when what is on its way is not finished in time, and loses nothing of it', async () => {
  const { agreementId } = await stored(seed, publisher, 6);
  // Less than the patience with a receiver that does not answer.
  const first = await start('late.test', { SHUTDOWN_SECONDS: 1 });
  webhook.hold(2);
  const subscriptionId = await webhook.subscribe(first, agreementId, reader, { maxEvents: 2 });
  expect(await webhook.holder()).toBe('late.test');
  expect({ ended: await first.end('SIGTERM'), log: first.log }).toEqual({
    ended: [1, null],
    log: expect.stringContaining('ended before all was finished') as string,
  });
  webhook.answerAll();
  const lease = await webhook.leaseLeft(subscriptionId);
  expect(lease.acked).toBe(2);
  await start('next.test');
  await webhook.isTakenOver('next.test', 6, lease);
});
