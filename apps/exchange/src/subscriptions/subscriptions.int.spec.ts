import 'reflect-metadata';
import { Hooks } from '../delivery/hooks.int.spec';
import { type Exchange } from '../exchange.int.spec';
import { RequireWebhookUrls1796000000070 } from '../migrations/1796000000070-require-webhook-urls';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

async function subscribe(over: object) {
  const { datasetId } = await exchange.dataset();
  const { agreementId } = await exchange.agreement(datasetId);
  const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning', ...over };
  return exchange.call('POST', '/v1/subscriptions', hooks.reader, order);
}

describe('a subscription', () => {
  it('takes null for absent', async () => {
    const nothing = { webhook: null, areaCode: null, caseReference: null, filters: null };
    const { status, body } = await subscribe(nothing);
    expect([status, body.filters]).toEqual([201, []]);
    for (const name of ['webhook', 'areaCode', 'caseReference']) expect(body).not.toHaveProperty(name);
    await hooks.publish(String(body.datasetId), '1');
    await exchange.ledgerAt(String(body.datasetId), 1);
    const skipped = await hooks.at(String(body.subscriptionId), 'skip', { to: null, count: 1, reason: 'broken' });
    expect(skipped).toMatchObject({ status: 200, body: { ackedPosition: 1 } });
    const settings = { handshake: null, maxAttempts: null, order: 'key', maxEvents: null };
    const { receiver } = await hooks.hooked(settings);
    expect(receiver.received).toHaveLength(0);
  });

  it('of a webhook has an address', async () => {
    for (const webhook of [null, undefined, {}, { url: null }])
      expect(await subscribe({ mode: 'webhook', webhook })).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      });
  });

  it('of a webhook without an address goes with the migration that lets none come any more', async () => {
    const [broken, sound] = [await hooks.hooked(), await hooks.hooked()];
    const migration = new RequireWebhookUrls1796000000070();
    const runner = exchange.db.createQueryRunner();
    const emptied = () =>
      exchange.db.query('UPDATE subscriptions SET webhook_url = NULL WHERE subscription_id = $1', [broken.id]);
    try {
      await expect(emptied()).rejects.toThrow('webhooks_have_urls');
      await migration.down(runner);
      await emptied();
      await migration.up(runner);
    } finally {
      await runner.release();
    }
    expect((await hooks.view(broken.id)).code).toBe('subscription.unknown');
    expect((await hooks.view(sound.id)).status).toBe('active');
  });
});
