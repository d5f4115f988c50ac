import 'reflect-metadata';
import {
  deliveryModes,
  OverScopeDetected,
  type Envelope,
  type OverScopeDetectedV1,
  type TermsV1,
} from '@govbus/contracts';
import { type Caller, consumer, event, Exchange, provider } from '../exchange.int.spec';

/** Two processes of one exchange, on one database, with somebody who publishes and somebody who reads. */
export class TwoExchanges {
  private constructor(
    readonly first: Exchange,
    readonly second: Exchange,
    readonly publisher: Caller,
    readonly reader: Caller,
  ) {}

  static async start(): Promise<TwoExchanges> {
    const first = await Exchange.start();
    const { DATABASE_URL, SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE } = first.config;
    const shared = { DATABASE_URL, SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE };
    // One of them writes the ledger, so that nothing waits for the two to share its partitions.
    const second = await Exchange.start({ ...shared, EXCHANGE_ROLES: 'delivery' });
    const publisher = await first.system(provider, ['events:publish']);
    return new TwoExchanges(first, second, publisher, await first.system(consumer, ['events:read']));
  }

  async stop(): Promise<void> {
    await this.second.stop();
    await this.first.stop();
  }

  /** A dataset with events, and an agreement of the reader's department over it. */
  async agreed(over: Partial<TermsV1>, events: object[] = []) {
    const { datasetId } = await this.first.dataset();
    const agreement = await this.first.agreement(datasetId, { terms: terms(over) });
    if (events.length > 0) {
      await this.first.publishBatch(
        this.publisher,
        events.map((data, i) => event(datasetId, String(i + 1), data)),
      );
      await this.first.ledgerAt(datasetId, events.length);
    }
    return { datasetId, agreement, agreementId: agreement.agreementId };
  }

  subscribe(agreementId: string, over: object = {}) {
    const order = { agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning', ...over };
    return this.first.call('POST', '/v1/subscriptions', this.reader, order);
  }

  /** A subscription that was made. */
  async subscription(agreementId: string, over: object = {}): Promise<string> {
    const { status, body } = await this.subscribe(agreementId, over);
    expect(status).toBe(201);
    return String(body.subscriptionId);
  }

  pull(subscriptionId: string, query = '', exchange = this.first) {
    return exchange.call('GET', `/v1/subscriptions/${subscriptionId}/events${query}`, this.reader);
  }

  query(agreementId: string, over: object = {}) {
    const order = { agreementId, purpose: 'case-handling', key: 'key-1', ...over };
    return this.first.call('POST', '/v1/queries', this.reader, order);
  }

  /** The events about use beyond an agreement that wait in the outbox. */
  async overScopes(agreementId: string): Promise<OverScopeDetectedV1[]> {
    const rows = await this.first.db.query<{ value: string }[]>('SELECT value FROM outbox ORDER BY id');
    const envelopes = rows.map(({ value }) => JSON.parse(value) as Envelope<OverScopeDetectedV1>);
    return envelopes.flatMap(({ type, data }) =>
      type === OverScopeDetected.type && data.agreementId === agreementId ? [data] : [],
    );
  }

  /** The minute and the day begin anew, or last until they are told to end: no clock of a test's machine decides. */
  async windows(agreementId: string, ends: 'later' | 'now'): Promise<void> {
    const away = ends === 'later' ? `+ interval '3 days'` : `- interval '3 days'`;
    await this.first.db.query(
      `INSERT INTO agreement_usage VALUES ($1, now() ${away}, 0, (now() ${away})::date, 0)
       ON CONFLICT (agreement_id) DO UPDATE SET minute_start = excluded.minute_start, day = excluded.day`,
      [agreementId],
    );
  }
}

/** Everything that the harness' datasets have, for every way of delivery. */
export const terms = (over: Partial<TermsV1> = {}): TermsV1 => ({
  purposes: ['case-handling'],
  legalBasis: 'Regulation, article 2',
  fields: ['/key', '/name'],
  masks: [{ field: '/name', kind: 'redact' }],
  validFrom: '2020-01-01T00:00:00Z',
  validTo: '2099-01-01T00:00:00Z',
  deliveryModes: [...deliveryModes],
  ...over,
});

// Others import what stands above; this test runs here alone.
if (expect.getState().testPath === __filename)
  describe('two processes of the exchange', () => {
    it('read the same subscription', async () => {
      const two = await TwoExchanges.start();
      const { agreementId } = await two.agreed({}, [{}, {}]);
      const id = await two.subscription(agreementId);
      for (const exchange of [two.first, two.second])
        expect((await two.pull(id, '', exchange)).body.events).toHaveLength(2);
      await two.stop();
    }, 60_000);
  });
