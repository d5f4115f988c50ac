import { Injectable } from '@nestjs/common';
import { AppConfig } from '../app.config';
import { AccessToken } from './access-token';
import { type Answer, objectOf, OutgoingHttp, Refused } from './outgoing-http';

/** A subscription of the department at the exchange. */
export type Subscription = {
  subscriptionId: string;
  agreementId: string;
  owner: string;
  purpose: string;
  mode: string;
  /** Whether it shows less than the agreement grants. */
  isNarrowed: boolean;
};
/** A delivered record at its position in the ledger of `datasetId`. */
export type DeliveredRecord = { datasetId: string; position: number; data: unknown };
/** One page of records, and the cursor behind it. */
export type EventPage = { records: DeliveredRecord[]; nextCursor: string | undefined; hasMore: boolean };

/** The exchange's HTTP interface, as any consumer of a department uses it. */
@Injectable()
export class ExchangeClient {
  constructor(
    private readonly config: AppConfig,
    private readonly token: AccessToken,
    private readonly http: OutgoingHttp,
  ) {}

  /**
   * The own subscription that fits, if there is one. A stopped one fits as well: the exchange stops it with its agreement
   * and lets it go on where it was when the agreement is in force again. The exchange lists those of colleagues too; one
   * of theirs, or a narrowed one, may leave out records, and their cases would be missing without a sign.
   */
  async findSubscription(agreementId: string, purpose: string, signal: AbortSignal): Promise<Subscription | undefined> {
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: '500', ...(cursor && { cursor }) });
      const answer = await this.call('GET', `/v1/subscriptions?${query}`, signal);
      const items = Array.isArray(answer.items) ? answer.items.map(readSubscription) : [];
      const found = items.find(
        (item) =>
          item.agreementId === agreementId &&
          item.purpose === purpose &&
          item.mode === 'pull' &&
          item.owner === this.config.CASE_ROUTING_SYSTEM &&
          !item.isNarrowed,
      );
      if (found) return found;
      cursor = typeof answer.nextCursor === 'string' ? answer.nextCursor : undefined;
    } while (cursor);
    return undefined;
  }

  /** Makes a pull subscription from the beginning. */
  async subscribe(agreementId: string, purpose: string, signal: AbortSignal): Promise<Subscription> {
    const order = { agreementId, purpose, mode: 'pull', startFrom: 'beginning' };
    return readSubscription(await this.call('POST', '/v1/subscriptions', signal, order));
  }

  /** Everything comes again, whatever was acknowledged. */
  async startOver(subscriptionId: string, signal: AbortSignal): Promise<void> {
    await this.call('POST', `/v1/subscriptions/${subscriptionId}/seek`, signal, { to: 'beginning' });
  }

  /** The page after `cursor`, or after what was last acknowledged. */
  async pull(subscriptionId: string, cursor: string | null, limit: number, signal: AbortSignal): Promise<EventPage> {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) });
    return readPage(await this.call('GET', `/v1/subscriptions/${subscriptionId}/events?${query}`, signal));
  }

  /** Says that everything up to `cursor` is kept here. */
  async acknowledge(subscriptionId: string, cursor: string, signal: AbortSignal): Promise<void> {
    await this.call('POST', `/v1/subscriptions/${subscriptionId}/ack`, signal, { cursor });
  }

  private async call(method: 'GET' | 'POST', path: string, signal: AbortSignal, order?: object): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${await this.token.get()}`,
      accept: 'application/json',
      ...(order && { 'content-type': 'application/json' }),
    };
    const body = order && JSON.stringify(order);
    try {
      const what = `${method} ${path.replace(/\?.*/, '')}`;
      return await this.http.ask(what, `${this.config.EXCHANGE_URL}${path}`, { method, headers, body, signal });
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.token.forget();
      throw error;
    }
  }
}

function readSubscription(value: unknown): Subscription {
  const { subscriptionId, agreementId, owner, purpose, mode, filters, areaCode, caseReference } = objectOf(value);
  if (typeof subscriptionId !== 'string') throw new Error('the exchange answered without a subscription');
  return {
    subscriptionId,
    agreementId: String(agreementId),
    owner: String(owner),
    purpose: String(purpose),
    mode: String(mode),
    // The exchange leaves out what is not set, but for the filters, which it shows as an empty list.
    isNarrowed: !Array.isArray(filters) || filters.length > 0 || areaCode != null || caseReference != null,
  };
}

function readPage({ events, nextCursor, hasMore }: Answer): EventPage {
  if (!Array.isArray(events)) throw new Error('the exchange answered without events');
  const cursor = typeof nextCursor === 'string' && nextCursor !== '' ? nextCursor : undefined;
  // INVARIANT: without a cursor the page could not be acknowledged and would come again for ever.
  if (events.length > 0 && !cursor) throw new Error('the exchange answered with events and no cursor');
  // That a record was removed ends no case: a case has its own end.
  const shared = events.filter((event) => objectOf(event).type !== 'exchange.record-removed.v1');
  return { records: shared.map(readRecord), nextCursor: cursor, hasMore: hasMore === true };
}

function readRecord(event: unknown): DeliveredRecord {
  const { id, source, data } = objectOf(event);
  const datasetId = /^\/datasets\/([a-z0-9-]+)$/.exec(String(source))?.[1];
  const position = /^[1-9]\d{0,15}$/.test(String(id)) ? Number(id) : Number.NaN;
  if (!datasetId || !Number.isSafeInteger(position))
    throw new Error('the exchange delivered an event without its place');
  return { datasetId, position, data };
}
