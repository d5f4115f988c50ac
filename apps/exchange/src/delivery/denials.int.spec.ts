import 'reflect-metadata';
import { deliveryModes } from '@govbus/contracts';
import { Audit } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { consumer, event } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';
import { anything, forgetDenials } from './lease.sql';

let hooks: Hooks;
beforeAll(async () => (hooks = await Hooks.start()), 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => hooks.stop());

/** Holds the next denial back between its decision and what is noted of it. */
function holdDenial() {
  const audit = hooks.exchange.app.get(Audit);
  const original = audit.refused.bind(audit);
  const refused = jest.spyOn(audit, 'refused');
  let letGo = (): void => undefined;
  const release = new Promise<void>((resolve) => (letGo = resolve));
  const isHeld = new Promise<void>((held) => {
    refused.mockImplementationOnce(async (entry) => {
      held();
      await release;
      return original(entry);
    });
  });
  return { refused, isHeld, letGo };
}

/** A subscription with one event, in whose name nobody may receive; with what is noted of it. */
async function denied(mode: 'webhook' | 'kafka') {
  const { exchange } = hooks;
  const owner = await exchange.system(consumer, ['events:read']);
  const { datasetId } = await exchange.dataset();
  const { terms } = await exchange.agreement(datasetId);
  const agreement = await exchange.agreement(datasetId, { terms: { ...terms, deliveryModes: [...deliveryModes] } });
  const order = { agreementId: agreement.agreementId, purpose: 'case-handling', mode, startFrom: 'beginning' };
  const id =
    mode === 'webhook'
      ? (await hooks.hook(agreement, {}, owner)).id
      : String((await exchange.call('POST', '/v1/subscriptions', owner, order)).body.subscriptionId);
  await exchange.principal(owner, 'suspended', 2);
  expect((await exchange.publish(hooks.publisher, event(datasetId, '1'))).status).toBe(202);
  const noted = async () => {
    const [row] = await exchange.db.query<{ failures: number; lastError: string | null; delivered: string }[]>(
      `SELECT failures, last_error AS "lastError", delivered FROM subscriptions WHERE subscription_id = $1`,
      [id],
    );
    return row;
  };
  await eventually(
    async () => expect(await noted()).toMatchObject({ lastError: expect.stringContaining('decision.denied') }),
    30_000,
  );
  const denial = holdDenial();
  // As if it had been denied for hours; the next wait would be an hour.
  await exchange.db.query(
    'UPDATE subscriptions SET failures = 40, next_attempt_at = clock_timestamp() WHERE subscription_id = $1',
    [id],
  );
  await denial.isHeld;
  return { owner, noted, ...denial };
}

describe.each(['webhook', 'kafka'] as const)('a denial that is noted late: %s', (mode) => {
  it('does not hold up what is no longer denied', async () => {
    const { owner, noted, letGo } = await denied(mode);
    await hooks.exchange.principal(owner, 'active', 3);
    await eventually(async () => expect(await noted()).toMatchObject({ failures: 0 }));
    letGo();
    await eventually(async () => expect(await noted()).toMatchObject({ lastError: null, delivered: '1' }), 30_000);
  }, 90_000);

  it('does not hold up what is to be asked again because a change may have been missed', async () => {
    const { refused, letGo } = await denied(mode);
    await forgetDenials(mode, [anything], hooks.exchange.db.manager);
    letGo();
    await eventually(() => expect(refused.mock.calls.length).toBeGreaterThan(1), 30_000);
  }, 90_000);
});
