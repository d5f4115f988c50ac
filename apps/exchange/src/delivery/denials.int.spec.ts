import 'reflect-metadata';
import { deliveryModes } from '@govbus/contracts';
import { Audit } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { consumer, event } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';

let hooks: Hooks;
beforeAll(async () => (hooks = await Hooks.start()), 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => hooks.stop());

/** Holds the next denial back between its decision and what is noted of it. */
function holdDenial(): { isHeld: Promise<void>; letGo: () => void } {
  const audit = hooks.exchange.app.get(Audit);
  const refused = audit.refused.bind(audit);
  let letGo = (): void => undefined;
  const release = new Promise<void>((resolve) => (letGo = resolve));
  const isHeld = new Promise<void>((held) => {
    jest.spyOn(audit, 'refused').mockImplementationOnce(async (entry) => {
      held();
      await release;
      return refused(entry);
    });
  });
  return { isHeld, letGo };
}

it.each(['webhook', 'kafka'] as const)(
  'does not make up for its end when it comes late: %s',
  async (mode) => {
    const { exchange } = hooks;
    const owner = await exchange.system(consumer, ['events:read']);
    const { datasetId } = await exchange.dataset();
    const { terms, agreementId } = await exchange.agreement(datasetId);
    const agreement = await exchange.agreement(datasetId, {
      agreementId,
      terms: { ...terms, deliveryModes: [...deliveryModes] },
      version: 2,
    });
    const order = { agreementId, purpose: 'case-handling', mode, startFrom: 'beginning' };
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

    // As if it had been denied for hours; the next wait would be an hour.
    const denial = holdDenial();
    await exchange.db.query(
      'UPDATE subscriptions SET failures = 40, next_attempt_at = clock_timestamp() WHERE subscription_id = $1',
      [id],
    );
    await denial.isHeld;
    await exchange.principal(owner, 'active', 3);
    await eventually(async () => expect(await noted()).toMatchObject({ failures: 0 }));
    denial.letGo();
    await eventually(async () => expect(await noted()).toMatchObject({ lastError: null, delivered: '1' }), 30_000);
  },
  90_000,
);
