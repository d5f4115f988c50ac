import 'reflect-metadata';
import type { TermsV1 } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { Receiver } from '../delivery/receiver.int.spec';
import { consumer, stranger } from '../exchange.int.spec';
import { terms, TwoExchanges } from './two-exchanges.int.spec';

let two: TwoExchanges;
let receiver: Receiver;
beforeAll(async () => {
  two = await TwoExchanges.start();
  receiver = await Receiver.start();
}, 60_000);
afterAll(async () => {
  receiver.stop();
  await two.stop();
});

type Made = Awaited<ReturnType<TwoExchanges['agreed']>>;
const alarmsIn = async (datasetId: string) =>
  (await two.first.entries(datasetId)).filter(({ operation }) => operation === 'agreements:over-scope');
const holdsIn = async (datasetId: string) =>
  (await two.first.entries(datasetId)).filter(({ operation }) => operation === 'agreements:hold');
const wrongPurpose = (agreementId: string) => two.subscribe(agreementId, { purpose: 'curiosity' });
/** The minute after an alarm has passed. */
const aMinuteLater = (agreementId: string) =>
  two.first.db.query(
    `UPDATE over_scope_alarms SET raised_at = raised_at - interval '61 seconds' WHERE agreement_id = $1`,
    [agreementId],
  );

const used: [string, Partial<TermsV1>, string, number, (made: Made) => Promise<{ status: number }>][] = [
  ['a purpose', {}, 'purpose', 403, ({ agreementId }) => wrongPurpose(agreementId)],
  ['no case', { caseRequired: true }, 'case', 403, ({ agreementId }) => two.query(agreementId)],
  ['a way of delivery', { deliveryModes: ['pull'] }, 'delivery-mode', 403, ({ agreementId }) => two.query(agreementId)],
  [
    'a time before the period',
    { validFrom: '2098-01-01T00:00:00Z' },
    'period',
    403,
    ({ agreementId }) => two.subscribe(agreementId),
  ],
  [
    'a time after the period',
    {},
    'period',
    403,
    async ({ agreement, agreementId }) => {
      const id = await two.subscription(agreementId);
      const over = terms({ validTo: '2021-01-01T00:00:00Z' });
      await two.first.change({ ...agreement, terms: over, version: 2 });
      return two.pull(id);
    },
  ],
  [
    'an area outside',
    { area: { field: '/area', codes: ['370215000000'] } },
    'area',
    409,
    ({ agreementId }) => two.subscribe(agreementId, { areaCode: '370203000000' }),
  ],
  [
    'an access too many',
    { limits: { accessesPerMinute: 1 } },
    'rate',
    429,
    async ({ agreementId }) => {
      await two.windows(agreementId, 'later');
      await two.query(agreementId);
      return two.query(agreementId);
    },
  ],
  [
    'a record too many',
    { limits: { recordsPerDay: 1 } },
    'volume',
    429,
    async ({ agreementId }) => {
      await two.windows(agreementId, 'later');
      const id = await two.subscription(agreementId);
      await two.pull(id);
      return two.pull(id);
    },
  ],
];

describe('use beyond an agreement', () => {
  it.each(used)('with %s is refused and raises an alarm', async (_, over, kind, status, use) => {
    const made = await two.agreed(over, [{}]);
    const { agreementId, datasetId } = made;
    expect((await use(made)).status).toBe(status);
    const entries = await alarmsIn(datasetId);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      action: 'refuse',
      outcome: 'denied',
      actor: { id: two.reader.id, department: consumer },
      agreementId,
      code: expect.stringMatching(/^agreement\./) as string,
    });
    expect(await two.overScopes(agreementId)).toMatchObject([
      { agreementId, datasetId, consumerDepartment: consumer, principalId: two.reader.id, kind },
    ]);
    // Without the terms saying so it stops nothing.
    expect(await holdsIn(datasetId)).toEqual([]);
  });

  it('names the limit that was reached', async () => {
    const { agreementId } = await two.agreed({ limits: { accessesPerMinute: 1 } }, [{}]);
    await two.windows(agreementId, 'later');
    await two.query(agreementId);
    await two.query(agreementId);
    expect(await two.overScopes(agreementId)).toMatchObject([{ kind: 'rate', limit: 1 }]);
  });

  it('is none when a stranger asks, or when the agreement is over', async () => {
    const { agreement, agreementId, datasetId } = await two.agreed({}, [{}]);
    const outsider = await two.first.system(stranger, ['events:read']);
    const order = { agreementId, purpose: 'curiosity', mode: 'pull', startFrom: 'now' };
    expect((await two.first.call('POST', '/v1/subscriptions', outsider, order)).status).toBe(403);
    await two.first.change({ ...agreement, status: 'revoked', version: 2 });
    expect((await wrongPurpose(agreementId)).status).toBe(403);
    expect(await two.overScopes(agreementId)).toEqual([]);
    expect(await alarmsIn(datasetId)).toEqual([]);
  });

  it('raises one alarm a minute for each kind, whichever process sees it', async () => {
    const { agreementId, datasetId } = await two.agreed({ caseRequired: true }, [{}]);
    const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'now' };
    const tries = Array.from({ length: 8 }, (_, i) =>
      (i % 2 ? two.first : two.second).call('POST', '/v1/subscriptions', two.reader, {
        ...order,
        ...(i < 4 && { purpose: 'curiosity' }),
      }),
    );
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(Array(8).fill(403));
    const kinds = async () => (await two.overScopes(agreementId)).map(({ kind }) => kind).sort();
    expect(await kinds()).toEqual(['case', 'purpose']);
    expect(await alarmsIn(datasetId)).toHaveLength(2);
    await aMinuteLater(agreementId);
    await wrongPurpose(agreementId);
    expect(await kinds()).toEqual(['case', 'purpose', 'purpose']);
  });
});

describe('where the terms say that it suspends', () => {
  it('stops the agreement at once in every process, until a newer version of it arrives', async () => {
    const { agreement, agreementId, datasetId } = await two.agreed({ onOverScope: 'suspend' }, [{}]);
    const id = await two.subscription(agreementId);
    expect((await two.pull(id)).status).toBe(200);
    expect((await wrongPurpose(agreementId)).body.explanation).toMatchObject({ code: 'agreement.purpose' });
    for (const exchange of [two.first, two.second])
      expect(await two.pull(id, '', exchange)).toMatchObject({
        status: 403,
        body: { code: 'decision.denied', explanation: { code: 'agreement.held', attribute: 'agreement.heldFor' } },
      });
    expect(await holdsIn(datasetId)).toMatchObject([
      { outcome: 'done', actor: { id: 'exchange', kind: 'service' }, agreementId, code: 'agreement.purpose' },
    ]);
    // The same version again changes nothing; a newer one is an officer's decision.
    await two.first.change(agreement);
    expect((await two.pull(id)).status).toBe(403);
    await two.first.change({ ...agreement, status: 'suspended', version: 2 });
    await two.first.change({ ...agreement, version: 3 });
    expect((await two.pull(id)).status).toBe(200);
    // Within the same minute, and yet beyond what was decided anew.
    await wrongPurpose(agreementId);
    expect((await two.pull(id)).status).toBe(403);
    expect(await two.overScopes(agreementId)).toMatchObject([{ agreementVersion: 1 }, { agreementVersion: 3 }]);
  });

  it('holds it back for an area outside as well', async () => {
    const area = { field: '/area', codes: ['370215000000'] };
    const { agreementId, datasetId } = await two.agreed({ onOverScope: 'suspend', area }, [{}]);
    const id = await two.subscription(agreementId, { areaCode: '370215002000' });
    const refused = await two.subscribe(agreementId, { areaCode: '370200000000' });
    const explanation = { code: 'agreement.other-area', attribute: 'agreement.terms.area' };
    expect(refused).toMatchObject({ status: 409, body: { code: 'agreement.other-area', explanation } });
    expect(await holdsIn(datasetId)).toMatchObject([{ agreementId, code: 'agreement.other-area' }]);
    for (const exchange of [two.first, two.second])
      expect(await two.pull(id, '', exchange)).toMatchObject({
        status: 403,
        body: { explanation: { code: 'agreement.held' } },
      });
  });

  it('cuts off what is on its way, and begins nothing after it', async () => {
    const { agreementId, datasetId } = await two.agreed({ onOverScope: 'suspend' }, [{}]);
    receiver.isHolding = true;
    const id = await two.subscription(agreementId, { mode: 'webhook', webhook: { url: receiver.url } });
    await eventually(() => expect(receiver.received).toHaveLength(1));
    await wrongPurpose(agreementId);
    await eventually(() => expect(receiver.aborted).toBe(1));
    await eventually(async () => {
      const { body } = await two.first.call('GET', `/v1/subscriptions/${id}`, two.reader);
      expect(body.lastError).toEqual(expect.stringContaining('decision.denied'));
    });
    expect(receiver.received).toHaveLength(1);
    const denied = (await two.first.entries(datasetId)).filter(
      ({ operation }) => operation === 'subscriptions:deliver',
    );
    expect(denied.some(({ outcome }) => outcome === 'denied')).toBe(true);
  });

  it('stops and tells, or neither: when the alarm cannot be written the agreement is as it was', async () => {
    const { agreementId, datasetId } = await two.agreed({ onOverScope: 'suspend' }, [{}]);
    const id = await two.subscription(agreementId);
    // Takes the alarm and its event, and no other message.
    await two.first.db.query(
      `ALTER TABLE outbox ADD CONSTRAINT no_alarm CHECK (value NOT LIKE '%over-scope-detected%${agreementId}%')`,
    );
    const failed = await wrongPurpose(agreementId);
    await two.first.db.query('ALTER TABLE outbox DROP CONSTRAINT no_alarm');
    expect(failed.status).toBe(500);
    expect(await alarmsIn(datasetId)).toEqual([]);
    expect((await two.pull(id)).status).toBe(200);
    expect((await wrongPurpose(agreementId)).status).toBe(403);
    expect(await alarmsIn(datasetId)).toHaveLength(1);
    expect((await two.pull(id)).status).toBe(403);
  });
});
