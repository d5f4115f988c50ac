import { eventually } from '@govbus/testing';
import { eventsIn, Receiver } from './delivery/receiver.int.spec';
import { terms } from './enforcement/two-exchanges.int.spec';
import { type Caller, event, type Exchange } from './exchange.int.spec';
import { ExchangeProcess } from './exchange-process.shared.spec';

/** One of several exchanges on one database, which receivers of webhooks and the database know by its name. */
export function startNamed(seed: Exchange, name: string, roles: string, flags: string[] = [], over: object = {}) {
  const database = new URL(seed.config.DATABASE_URL);
  database.searchParams.set('application_name', name);
  const own = { PUBLIC_URL: `http://${name}`, DATABASE_URL: database.href };
  return ExchangeProcess.start(seed, roles, flags, { ...own, ...over });
}

export const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i));

/** A dataset whose ledger holds so many events, and an agreement over all of them; `keyOf`, if they are not of a key each. */
export async function stored(seed: Exchange, publisher: Caller, count: number, keyOf?: (id: string) => string) {
  const { datasetId } = await seed.dataset();
  const agreement = await seed.agreement(datasetId, { terms: terms() });
  for (let from = 1; from <= count; from += 500) {
    const events = range(from, Math.min(from + 499, count)).map((id) =>
      event(datasetId, id, keyOf && { key: keyOf(id) }),
    );
    expect((await seed.publishBatch(publisher, events)).status).toBe(202);
  }
  await eventually(() => seed.ledgerAt(datasetId, count), 60_000);
  return { datasetId, agreement, agreementId: agreement.agreementId };
}

type Disclosure = { subscription_id: string; first_position: string; last_position: string; disclosed_at: Date };

/** A webhook whose receiver keeps back the answer to one page: who sent that page is in the middle of an attempt. */
export class HeldWebhook {
  private readonly startedAt = Date.now();
  private heldPage = 0;
  /** The record of each delivery, looked up while it arrives: what is found is committed. */
  private readonly records: Promise<Disclosure[]>[] = [];
  private constructor(
    private readonly seed: Exchange,
    private readonly receiver: Receiver,
  ) {
    receiver.onReceived = ({ headers }) => {
      const id = headers['govbus-disclosure'];
      this.records.push(seed.db.query<Disclosure[]>('SELECT * FROM disclosures WHERE disclosure_id = $1', [id]));
      if (receiver.received.length === this.heldPage) receiver.isHolding = true;
    };
  }

  static async start(seed: Exchange): Promise<HeldWebhook> {
    return new HeldWebhook(seed, await Receiver.start());
  }

  /** A subscription from the beginning, made by one of the exchanges. */
  async subscribe(at: ExchangeProcess, agreementId: string, reader: Caller, settings: object = {}): Promise<string> {
    const webhook = { url: this.receiver.url, ...settings };
    const order = { agreementId, purpose: 'case-handling', mode: 'webhook', webhook, startFrom: 'beginning' };
    const { status, body } = await at.call('POST', '/v1/subscriptions', reader, order);
    expect(status).toBe(201);
    return String(body.subscriptionId);
  }

  /** The events that arrived, each time that one did. */
  get ids(): string[] {
    return this.receiver.ids;
  }

  /** The page of this number, counted from one, is to be held. */
  hold(page: number): void {
    this.heldPage = page;
  }

  /** Waits until the page is held, and answers the name of the exchange that sent it. */
  holder(): Promise<string> {
    return eventually(() => {
      const held = this.receiver.received[this.heldPage - 1];
      expect(held).toBeDefined();
      return String(held?.headers['webhook-request-origin']);
    }, 30_000);
  }

  /** The events that an exchange delivered, each time that it did. */
  idsFrom(name: string): string[] {
    return this.receiver.received
      .filter(({ headers }) => headers['webhook-request-origin'] === name)
      .flatMap(({ body }) => eventsIn(body).map(({ id }) => id));
  }

  /** From now on every page is answered. */
  answerAll(): void {
    this.receiver.isHolding = false;
  }

  /** The same, and those that are held. */
  letGo(): void {
    this.receiver.release();
  }

  /** Answers the page that was held first. */
  answerHeld(): void {
    this.receiver.answerOne();
  }

  /**
   * The lease that a killed exchange left, and how far the receiver has confirmed the subscription.
   *
   * Shape: it is cut to three seconds from now, so that a spec need not wait for the thirty that it lasts.
   */
  async leaseLeft(subscriptionId: string): Promise<{ until: Date; isOver: boolean; acked: number }> {
    await this.seed.db.query(
      `UPDATE subscriptions SET lease_until = least(lease_until, clock_timestamp() + interval '3 s')
        WHERE subscription_id = $1`,
      [subscriptionId],
    );
    const [row] = await this.seed.db.query<{ until: Date; isOver: boolean; acked: string }[]>(
      `SELECT lease_until AS until, lease_until <= clock_timestamp() AS "isOver", acked_position AS acked
         FROM subscriptions WHERE subscription_id = $1`,
      [subscriptionId],
    );
    if (!row) throw new Error('there is no such subscription');
    return { ...row, acked: Number(row.acked) };
  }

  /** Another one delivered everything up to `last` after the lease ended: in order, and from the page that was held on. */
  async isTakenOver(heir: string, last: number, lease: { until: Date; acked: number }): Promise<void> {
    const { receiver, heldPage } = this;
    await eventually(() => expect([...new Set(receiver.ids)]).toEqual(range(1, last)), 60_000);
    const held = receiver.received[heldPage - 1];
    const repeated = receiver.received[heldPage];
    const lastHeld = Number(eventsIn(held?.body ?? '[]').at(-1)?.id);
    expect(lastHeld).toBeGreaterThan(lease.acked);
    expect(receiver.ids).toEqual([...range(1, lastHeld), ...range(lease.acked + 1, last)]);
    // By which a receiver knows what comes again.
    expect(repeated?.headers['webhook-id']).toBe(held?.headers['webhook-id']);
    const taken = receiver.received.slice(heldPage);
    expect(new Set(taken.map(({ headers }) => headers['webhook-request-origin']))).toEqual(new Set([heir]));
    // By the clock that the leases have.
    const [record] = (await this.records[heldPage]) ?? [];
    expect(record?.disclosed_at.getTime()).toBeGreaterThanOrEqual(lease.until.getTime());
  }

  /** Each delivery had its record committed when it arrived, and the records stand in the order of their times. */
  async isRecorded(subscriptionId: string): Promise<void> {
    const records = await Promise.all(this.records);
    const times: number[] = [];
    for (const [i, { body, at }] of this.receiver.received.entries()) {
      const positions = eventsIn(body).map(({ id }) => id);
      const [first_position, last_position] = [positions[0], positions.at(-1)];
      expect(records[i]).toMatchObject([
        { subscription_id: subscriptionId, first_position, last_position, records: positions.length },
      ]);
      const time = records[i]?.[0]?.disclosed_at.getTime() ?? NaN;
      times.push(time);
      // As far as a clock may be off before it is not believed.
      expect(time).toBeGreaterThan(this.startedAt - 1_000);
      expect(time).toBeLessThan(at + 1_000);
    }
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }

  stop(): void {
    this.receiver.stop();
  }
}
