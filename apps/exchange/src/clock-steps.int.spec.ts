import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@govbus/testing';
import { terms } from './enforcement/two-exchanges.int.spec';
import { type Caller, consumer, event, Exchange, provider } from './exchange.int.spec';
import type { ExchangeProcess } from './exchange-process.shared.spec';
import { HeldWebhook, startNamed, stored } from './takeovers.shared.spec';

jest.setTimeout(300_000);

const minuteMs = 60_000;
/** Loaded before an exchange: SIGUSR2 sets its wall clock back by ten minutes. Timers are not touched, as by a real step. */
const clockThatSteps = `
  const Real = Date;
  let offsetMs = 0;
  process.on('SIGUSR2', () => (offsetMs = ${-10 * minuteMs}));
  const now = () => Real.now() + offsetMs;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    apply: () => new Real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });`;
const script = join(mkdtempSync(join(tmpdir(), 'govbus-clock-')), 'steps.cjs');
writeFileSync(script, clockThatSteps);
const flags = ['--require', script];

let seed: Exchange;
let publisher: Caller;
let reader: Caller;
let webhook: HeldWebhook;
const running: ExchangeProcess[] = [];
const start = async (name: string, nodeFlags: string[] = []): Promise<ExchangeProcess> => {
  const started = await startNamed(seed, name, 'delivery', nodeFlags);
  running.push(started);
  return started;
};
async function setBack(exchange: ExchangeProcess): Promise<void> {
  exchange.signal('SIGUSR2');
  await eventually(() => expect(exchange.log).toContain('the clock of this machine was set'));
}
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

describe('an exchange whose clock is set back ten minutes', () => {
  it('lets nothing out under an agreement that ended five minutes ago, and all of one that began then', async () => {
    const { datasetId, agreement, agreementId } = await stored(seed, publisher, 1);
    const exchange = await start('set-back.test', flags);
    const order = { agreementId, purpose: 'case-handling' };
    const pulled = await exchange.call('POST', '/v1/subscriptions', reader, {
      ...order,
      mode: 'pull',
      startFrom: 'now',
    });
    const pushed = await webhook.subscribe(exchange, agreementId, reader);
    await eventually(() => expect(webhook.ids).toEqual(['1']), 30_000);
    const fiveMinutesAgo = new Date(Date.now() - 5 * minuteMs).toISOString();
    await seed.change({ ...agreement, terms: terms({ validTo: fiveMinutesAgo }), version: 2 });
    const isOver = { status: 403, body: { code: 'decision.denied', explanation: { code: 'agreement.expired' } } };
    const askForAll = async (): Promise<void> => {
      const path = `/v1/subscriptions/${String(pulled.body.subscriptionId)}/events`;
      expect(await exchange.call('GET', path, reader)).toMatchObject(isOver);
      const query = { ...order, key: 'key-1' };
      expect(await exchange.call('POST', '/v1/queries', reader, query)).toMatchObject(isOver);
      const file = { ...order, format: 'csv', of: 'latest' };
      expect(await exchange.call('POST', '/v1/exports', reader, file)).toMatchObject(isOver);
    };
    await askForAll();
    await setBack(exchange);
    await askForAll();
    await seed.publish(publisher, event(datasetId, '2'));
    await eventually(async () => {
      const { body } = await exchange.call('GET', `/v1/subscriptions/${pushed}`, reader);
      expect(body).toMatchObject({ ackedPosition: 1, lastError: expect.stringContaining('decision.denied') });
    }, 30_000);
    expect(webhook.ids).toEqual(['1']);

    const began = await seed.agreement(datasetId, { terms: terms({ validFrom: fiveMinutesAgo }) });
    const latest = { agreementId: began.agreementId, purpose: 'case-handling', key: 'key-2' };
    expect((await exchange.call('POST', '/v1/queries', reader, latest)).body).toMatchObject({ events: [{ id: '2' }] });
    await webhook.subscribe(exchange, began.agreementId, reader);
    await eventually(() => expect(webhook.ids).toEqual(['1', '1', '2']), 30_000);
  });

  it.each([
    ['keeps the webhook that it is calling until its lease ends, and then loses it', 'set-back.test'],
    ['takes over a webhook when the lease of another one ends, and not ten minutes later', 'right.test'],
  ])('%s', async (_, nameOfDoomed) => {
    const { agreementId } = await stored(seed, publisher, 250);
    const isSetBack = await start('set-back.test', flags);
    const isRight = await start('right.test');
    await setBack(isSetBack);
    const [doomed, heir] = nameOfDoomed === 'right.test' ? [isRight, isSetBack] : [isSetBack, isRight];
    webhook.hold(2);
    // So that it is not the heir that begins; from then on both are at work.
    await heir.halt();
    const id = await webhook.subscribe(doomed, agreementId, reader);
    expect(await webhook.holder()).toBe(nameOfDoomed);
    heir.signal('SIGCONT');
    expect((await heir.call('GET', `/v1/subscriptions/${id}`, reader)).status).toBe(200);
    await doomed.end('SIGKILL');
    webhook.answerAll();
    const lease = await webhook.leaseLeft(id);
    expect(lease).toMatchObject({ acked: 100, isOver: false });

    await webhook.isTakenOver(heir === isRight ? 'right.test' : 'set-back.test', 250, lease);
    await webhook.isRecorded(id);
  });
});
