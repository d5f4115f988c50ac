import { randomUUID } from 'node:crypto';
import { Forbidden, Limited, Unavailable } from '@govbus/contracts';
import { inSpan } from '@govbus/messaging';
import { Audit, Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { RegistryWatch, stale } from '../agreements/registry-watch';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { Subscription } from '../subscriptions/subscription.entity';
import { retryDelayMs, WEBHOOK_GONE } from '../subscriptions/subscription.rules';
import type { DeadLetter } from './dead-letters.sql';
import { type Disclosed, Disclosures } from './disclosure';
import { Keys } from './keys';
import { ReceiveDecisions } from './receive-decisions';
import { type SendResult, WebhookSender } from './webhook-sender';
import { close, type Entry, fail } from './webhook-circuits.sql';
import { circuitFailures, isDown, paceMs, signingKeys, webhookIdOf } from './webhook.rules';
import { postpone, type Postponed, stop as stopSubscription } from './webhook.sql';
import { whileStands } from './while-stands';

const registryPauseMs = 500;

/** Of a page and all that is made of it, while a hundred receivers may take their time. */
const pageBytes = 1024 * 1024;

/** One turn of a leased subscription. */
export type Turn = {
  subscription: Subscription;
  entry: Entry;
  stop: AbortSignal;
  /** Whether the lease is still held, made longer where it is time to. */
  keepLease: () => Promise<boolean>;
};
/** The place that is looked at next: behind `after`, for at most `limit` events, not beyond `until`. */
export type Place = { after: number; limit: number; until?: number };
/** What of a page goes, how often its place was replayed, and what is known of the endpoint. */
export type Sending = { only?: number; replays: number; isKnown: boolean; stop: AbortSignal };
/** What came of one attempt; `isOpen`: the circuit of the endpoint is open now. */
export type Attempted = { result: SendResult; isOpen: boolean };
export type Failed = Extract<SendResult, { outcome: 'failed' }>;
/** What is tried again later, and why; without `failures` it is one more than before. */
export type Later = Pick<Postponed, 'through' | 'attempts' | 'error' | 'wasPaused'> & {
  failures?: number;
  atLeastMs?: number;
};

/** What every order of delivery has in common: pages disclosed, sent, tried again, put aside. */
@Injectable()
export class WebhookPages {
  constructor(
    private readonly db: DataSource,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly registry: RegistryWatch,
    private readonly sender: WebhookSender,
    private readonly metrics: ExchangeMetrics,
    private readonly keys: Keys,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** A subscription with its sealed keys. */
  load(subscriptionId: string): Promise<Subscription | null> {
    return this.db.manager
      .createQueryBuilder(Subscription, 's')
      .addSelect(['s.webhookSecret', 's.previousWebhookSecret'])
      .where({ subscriptionId })
      .getOne();
  }

  /** Whether delivery under an agreement is allowed at this moment; asked in memory alone. */
  stands(subscription: Subscription, agreement: AgreementCopy): boolean {
    const receiver = this.decisions.receiverById(subscription.owner);
    return this.decisions.decide(agreement, receiver, subscription).allowed;
  }

  /** Whether a piece of a committed page may begin (P5); where that is not known now, its turn is over for a while. */
  async mayBegin(subscription: Subscription, agreement: AgreementCopy): Promise<boolean> {
    if (await this.registry.isFresh()) return this.stands(subscription, agreement);
    // Not disclosed again at once: a page is recorded and counted whether or not it is sent.
    await this.waitUntilIsOver(subscription, stale());
    return false;
  }

  /** A committed page. Errors: those of `Disclosures.disclose`. */
  disclose(subscription: Subscription, place: Place): Promise<Disclosed> {
    const receiver = this.decisions.receiverById(subscription.owner);
    const operation = 'subscriptions:deliver' as const;
    return this.disclosures.disclose({ subscription, receiver, operation, maxBytes: pageBytes, ...place });
  }

  /** A committed page; undefined when there is none now, after that was noted. */
  async discloseOrWait(subscription: Subscription, place: Place): Promise<Disclosed | undefined> {
    try {
      return await this.disclose(subscription, place);
    } catch (error) {
      if (error instanceof Unavailable) await this.waitUntilIsOver(subscription, error);
      else if (error instanceof Forbidden) await this.handleDenial(subscription, error);
      else throw error;
      return undefined;
    }
  }

  /** Sends a committed page, or one event of it, once; a page without events has nothing to send. */
  async send(subscription: Subscription, page: Disclosed, sending: Sending): Promise<Attempted> {
    const { only, replays, isKnown, stop } = sending;
    const positions = only === undefined ? positionsOf(page) : [only];
    if (positions.length === 0) return { result: { outcome: 'delivered' }, isOpen: false };
    const { subscriptionId, webhookUrl, webhookMaxEvents } = subscription;
    const [first, last] = [Math.min(...positions), Math.max(...positions)];
    const target = {
      url: webhookUrl ?? '',
      secrets: signingKeys(subscription, this.clock.now()).map((key) => this.keys.open(key, subscriptionId)),
      id: webhookIdOf({ subscriptionId, agreementVersion: page.agreement.version, replays, first, last }),
      only: only === undefined ? undefined : new Set([only]),
      isSingle: webhookMaxEvents === 1,
    };
    const cutting = new AbortController();
    const signal = AbortSignal.any([stop, cutting.signal]);
    const result = await inSpan('webhook send', { events: positions.length }, () =>
      whileStands(
        () => this.stands(subscription, page.agreement),
        cutting,
        () => this.sender.send(page, target, signal),
      ),
    );
    this.metrics.attempted('webhook', result.outcome);
    return { result, isOpen: await this.report(subscription, result, isKnown) };
  }

  /** Tells the endpoint's circuit what came of an attempt; answers whether it is open now. */
  async report(subscription: Subscription, result: SendResult, isKnown: boolean): Promise<boolean> {
    if (result.outcome === 'aborted') return false;
    if (result.outcome === 'failed' && isDown(result.cause))
      return fail(subscription, result.retryAfterMs, this.db.manager);
    // Whatever it thinks of what it was sent, it is there.
    if (isKnown) await close(subscription, this.db.manager);
    return false;
  }

  stopGone({ subscriptionId }: Subscription): Promise<void> {
    return stopSubscription(subscriptionId, WEBHOOK_GONE, 'the receiver answered 410', this.db.manager);
  }

  async retryLater(subscription: Subscription, later: Later): Promise<void> {
    const { subscriptionId, replays, ackedPosition: after } = subscription;
    const { failures = subscription.failures + 1, atLeastMs, ...tried } = later;
    const waitMs = this.waitMs(subscription, failures, atLeastMs);
    await postpone({ subscriptionId, replays, after, failures, waitMs, ...tried }, this.db.manager);
  }

  /** As `retryLater` while the endpoint is down: of no page, and not long, because the circuit keeps more back. */
  async waitUntilIsThere(subscription: Subscription, error: string, atLeastMs: number): Promise<void> {
    const { subscriptionId, replays, ackedPosition: after } = subscription;
    const failures = subscription.failures + 1;
    const waitMs = this.waitMs(subscription, Math.min(failures, circuitFailures), atLeastMs);
    await postpone({ subscriptionId, replays, after, failures, error, waitMs }, this.db.manager);
  }

  /** Milliseconds until the next attempt after so many failures in a row. */
  waitMs({ webhookRate }: Subscription, failures: number, atLeastMs = 0): number {
    return Math.max(atLeastMs, paceMs(webhookRate) ?? 0, retryDelayMs(failures, Math.random()));
  }

  /** Keeps the place of what is given up and nothing of what was in it; `move` says whether it still is the place. */
  async putAside(
    subscription: Subscription,
    given: Pick<DeadLetter, 'after' | 'through' | 'records' | 'reason' | 'attempts'>,
    move: (letter: DeadLetter, tx: EntityManager) => Promise<boolean>,
  ): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose, owner, replays } = subscription;
    const letter = { deadLetterId: randomUUID(), subscriptionId, replays, putAsideAt: this.clock.now(), ...given };
    const { after, through, records, reason } = given;
    const { id, kind, department } = this.decisions.receiverById(owner);
    const entry = {
      action: 'administer' as const,
      operation: 'subscriptions:dead-letter',
      outcome: 'done' as const,
      actor: { id, kind, department },
      ...{ datasetId, agreementId, subscriptionId, purpose, records },
      positions: { first: after + 1, last: through },
      reason,
    };
    await this.db.transaction(async (tx) => {
      if (await move(letter, tx)) await this.audit.record(entry, tx);
    });
  }

  // Nobody's failure: tried again soon, or when the limit that is used up begins anew, and not counted.
  private async waitUntilIsOver(subscription: Subscription, passing: Unavailable): Promise<void> {
    const { subscriptionId, replays, ackedPosition: after, failures } = subscription;
    const { message: error, details } = passing;
    const waitMs = passing instanceof Limited ? (details.retryAfterSeconds ?? 1) * 1000 : registryPauseMs;
    await postpone({ subscriptionId, replays, after, failures, error, waitMs }, this.db.manager);
  }

  // Denied may mean not yet, suspended for a while, or over: all are asked again, ever more rarely, and recorded.
  private async handleDenial(subscription: Subscription, denial: Forbidden): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose, owner } = subscription;
    const { id, kind, department } = this.decisions.receiverById(owner);
    await this.audit.refused({
      action: 'refuse',
      operation: 'subscriptions:deliver',
      outcome: 'denied',
      actor: { id, kind, department },
      datasetId,
      agreementId,
      subscriptionId,
      purpose,
      code: denial.code,
      reason: denial.message.slice(0, 500),
    });
    const error = `${denial.code}: ${denial.message}`.slice(0, 500);
    await this.retryLater(subscription, { error, wasPaused: subscription.nextAttemptAt !== null });
  }
}

/** The positions of a page's events: the id of a delivered event is its position. */
export const positionsOf = (page: Disclosed): number[] => page.events.map(({ id }) => Number(id));
