import { DomainError, Forbidden } from '@govbus/contracts';
import { Audit, Clock, problemOf } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Subscription } from '../subscriptions/subscription.entity';
import { retryDelayMs } from '../subscriptions/subscription.rules';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { type Disclosed, Disclosures } from './disclosure';
import { renew } from './lease.sql';
import { ReceiveDecisions, type Receiver } from './receive-decisions';
import { resendDelayMs } from './share.rules';
import { confirmShared, postponeShared } from './share.sql';
import { ShareSender } from './share-sender';
import { doubtTopic, isTopicThere } from './share-topics.sql';
import { whileStands } from './while-stands';

// A page fits into one request, beside those of others (`Producer`).
const [pageLimit, pageBytes] = [1_000, 640 * 1024];
/** Pages before the lease is given back, so that many subscriptions share few processes. */
const maxPages = 50;
const noTopicPauseMs = 250;

/** Delivers one leased subscription to its topic: page after page, each disclosed, sent, confirmed. */
@Injectable()
export class ShareDelivery {
  constructor(
    private readonly db: DataSource,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly sender: ShareSender,
    private readonly metrics: ExchangeMetrics,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** Ends when nothing is left, an attempt failed, the lease is lost, or `stop` or `isStopping` says so. */
  async run(owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean): Promise<void> {
    for (let pages = 0; pages < maxPages && !stop.aborted && !isStopping(); pages += 1) {
      if (!(await renew(owner, subscriptionId, this.clock.now(), this.db.manager))) return;
      const subscription = await this.db.manager.findOneBy(Subscription, { subscriptionId });
      if (!subscription) return;
      if (pages === 0 && !(await isTopicThere(subscriptionId, this.db.manager)))
        return this.postpone(owner, subscription, subscription.failures, 'the topic is not there yet', noTopicPauseMs);
      if (!(await this.sharePage(owner, subscription, stop))) return;
    }
  }

  private async sharePage(owner: string, subscription: Subscription, stop: AbortSignal): Promise<boolean> {
    const receiver = this.decisions.receiverById(subscription.owner);
    const { subscriptionId, ackedPosition: after } = subscription;
    let page: Disclosed | undefined;
    try {
      page = await this.disclose(subscription, receiver);
      await this.send(subscription, page, stop);
      this.metrics.attempted('kafka', 'delivered');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (page) this.metrics.attempted('kafka', error.code === 'bus.withdrawn' ? 'aborted' : 'failed');
      await this.handle(error, owner, subscription, receiver);
      return false;
    }
    const positions = page.events.map(({ id }) => Number(id));
    const shared = { owner, subscriptionId, after, through: page.through, positions };
    return (await confirmShared(shared, this.db.manager)) && page.hasMore;
  }

  // The page may wait behind a send that is slow: meanwhile its agreement may expire or its owner be suspended.
  private send(subscription: Subscription, page: Disclosed, stop: AbortSignal): Promise<void> {
    const cutting = new AbortController();
    const signal = AbortSignal.any([stop, cutting.signal]);
    const stands = (): boolean => {
      const receiver = this.decisions.receiverById(subscription.owner);
      return this.decisions.decide(page.agreement, receiver, subscription).allowed;
    };
    return whileStands(stands, cutting, () => this.sender.send(subscription, page, signal));
  }

  private disclose(subscription: Subscription, receiver: Receiver): Promise<Disclosed> {
    const operation = 'subscriptions:deliver' as const;
    const bounds = { after: subscription.ackedPosition, limit: pageLimit, maxBytes: pageBytes };
    return this.disclosures.disclose({ subscription, receiver, operation, ...bounds });
  }

  private async handle(
    error: DomainError,
    owner: string,
    subscription: Subscription,
    receiver: Receiver,
  ): Promise<void> {
    const { code, message } = error;
    const { subscriptionId, failures } = subscription;
    // The agreement changed or the right to the page ended: leased again, it is decided anew.
    if (code === 'bus.withdrawn') return;
    if (code === 'bus.unavailable') {
      await doubtTopic(subscriptionId, this.clock.now(), this.db.manager);
      return this.postpone(owner, subscription, failures + 1, message, resendDelayMs(failures + 1, Math.random()));
    }
    if (error instanceof Forbidden) return this.handleDenial(error, owner, subscription, receiver);
    // Nobody's failure (registry stale, limit reached, too much on its way): it passes by itself.
    const { status, headers } = problemOf(error);
    if (status !== 503 && status !== 429) throw error;
    await this.postpone(owner, subscription, failures, message, Number(headers['retry-after'] ?? 1) * 1000);
  }

  // Denied may mean not yet, suspended for a while, or over: all are asked again, ever more rarely, and recorded.
  private async handleDenial(
    { code, message }: Forbidden,
    owner: string,
    subscription: Subscription,
    receiver: Receiver,
  ): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose } = subscription;
    const failures = subscription.failures + 1;
    await this.audit.refused({
      action: 'refuse',
      operation: 'subscriptions:deliver',
      outcome: 'denied',
      actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
      ...{ datasetId, agreementId, subscriptionId, purpose },
      code,
      reason: message.slice(0, 500),
    });
    const reason = `${code}: ${message}`;
    await this.postpone(owner, subscription, failures, reason, retryDelayMs(failures, Math.random()));
  }

  private postpone(
    owner: string,
    { subscriptionId, ackedPosition: after, nextAttemptAt }: Subscription,
    failures: number,
    reason: string,
    pauseMs: number,
  ): Promise<void> {
    const until = new Date(this.clock.now().getTime() + pauseMs);
    const error = reason.slice(0, 500);
    const wasPaused = nextAttemptAt !== null;
    return postponeShared({ owner, subscriptionId, after, failures, wasPaused, error, until }, this.db.manager);
  }
}
