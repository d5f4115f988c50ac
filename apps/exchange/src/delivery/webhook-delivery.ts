import { randomUUID } from 'node:crypto';
import { Forbidden, Unavailable } from '@govbus/contracts';
import { Audit, Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Subscription } from '../subscriptions/subscription.entity';
import { retryDelayMs, WEBHOOK_GONE, WEBHOOK_NOT_ALLOWED } from '../subscriptions/subscription.rules';
import { putAside } from './dead-letters.sql';
import { type Disclosed, Disclosures } from './disclosure';
import { Keys } from './keys';
import { renew } from './lease.sql';
import { ReceiveDecisions, type Receiver } from './receive-decisions';
import { type SendResult, WebhookSender } from './webhook-sender';
import { paceMs, signingKeys, webhookIdOf } from './webhook.rules';
import { confirm, noteConsent, postpone, stop as stopSubscription } from './webhook.sql';

const pageLimit = 100;
/** Pages before the lease is given back, so that many subscriptions share few processes. */
const maxPages = 50;
const registryPauseMs = 500;

type Failed = Extract<SendResult, { outcome: 'failed' }>;

/** Delivers one leased subscription: page after page, each disclosed, sent, confirmed. */
@Injectable()
export class WebhookDelivery {
  constructor(
    private readonly db: DataSource,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly sender: WebhookSender,
    private readonly keys: Keys,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** Ends when nothing is left, an attempt failed, the lease is lost, or `stop` or `isStopping` says so. */
  async run(owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean): Promise<void> {
    for (let pages = 0; pages < maxPages && !stop.aborted && !isStopping(); pages += 1) {
      if (!(await renew(owner, subscriptionId, this.clock.now(), this.db.manager))) return;
      const subscription = await this.load(subscriptionId);
      if (!subscription) return;
      if (!(await this.isWelcome(subscription, stop)) || !(await this.deliverPage(subscription, stop))) return;
    }
  }

  /** A subscription with its sealed keys. */
  load(subscriptionId: string): Promise<Subscription | null> {
    return this.db.manager
      .createQueryBuilder(Subscription, 's')
      .addSelect(['s.webhookSecret', 's.previousWebhookSecret'])
      .where({ subscriptionId })
      .getOne();
  }

  /** Sends a committed page once; one without events has nothing to send. */
  async sendPage(subscription: Subscription, page: Disclosed, stop: AbortSignal): Promise<SendResult> {
    const positions = positionsOf(page);
    if (positions.length === 0) return { outcome: 'delivered' };
    const { subscriptionId, webhookUrl } = subscription;
    const { agreementVersion } = page;
    const [first, last] = [Math.min(...positions), Math.max(...positions)];
    const id = webhookIdOf({ subscriptionId, agreementVersion, first, last });
    const secrets = signingKeys(subscription, this.clock.now()).map((key) => this.keys.open(key, subscriptionId));
    return this.sender.send(page, { url: webhookUrl ?? '', secrets, id }, stop);
  }

  private async deliverPage(subscription: Subscription, stop: AbortSignal): Promise<boolean> {
    const receiver = this.decisions.receiverById(subscription.owner);
    const page = await this.discloseOrStop(subscription, receiver);
    if (!page) return false;
    const { subscriptionId, ackedPosition: after, webhookRate } = subscription;
    const { through } = page;
    const positions = positionsOf(page);
    const result = await this.sendPage(subscription, page, stop);
    if (result.outcome !== 'delivered') {
      await this.handleFailure(subscription, page, result);
      return false;
    }
    // One that keeps a rate gives its lease back and is leased again when the next page is due.
    const paused = positions.length > 0 ? paceMs(webhookRate) : 0;
    const nextAt = paused > 0 ? new Date(this.clock.now().getTime() + paused) : null;
    await confirm({ subscriptionId, after, through, positions, nextAt }, this.db.manager);
    return page.hasMore && paused === 0;
  }

  // Asked before the first delivery to an address, where the subscription wants it.
  private async isWelcome(subscription: Subscription, stop: AbortSignal): Promise<boolean> {
    const { subscriptionId, webhookHandshake, webhookConsentedUrl, webhookUrl: url } = subscription;
    if (!webhookHandshake || url === null || webhookConsentedUrl === url) return true;
    const answer = await this.sender.ask(url, stop);
    if (answer.outcome === 'allowed') {
      await noteConsent(subscriptionId, url, answer.rate, this.db.manager);
      subscription.webhookRate = answer.rate ?? null;
      return true;
    }
    if (answer.outcome === 'refused')
      await stopSubscription(subscriptionId, WEBHOOK_NOT_ALLOWED, answer.error, this.db.manager);
    else if (answer.outcome !== 'delivered') await this.handleFailure(subscription, null, answer);
    return false;
  }

  private async discloseOrStop(subscription: Subscription, receiver: Receiver): Promise<Disclosed | undefined> {
    const operation = 'subscriptions:deliver' as const;
    const { ackedPosition: after, pageThrough } = subscription;
    const until = pageThrough !== null && pageThrough > after ? pageThrough : undefined;
    try {
      return await this.disclosures.disclose({ subscription, receiver, operation, after, limit: pageLimit, until });
    } catch (error) {
      if (error instanceof Unavailable) {
        await this.waitForRegistry(subscription, error);
        return undefined;
      }
      if (!(error instanceof Forbidden)) throw error;
      await this.handleDenial(subscription, receiver, error);
      return undefined;
    }
  }

  // Nobody's failure: tried again soon, and not counted.
  private async waitForRegistry(subscription: Subscription, { message: error }: Unavailable): Promise<void> {
    const { subscriptionId, ackedPosition: after, failures } = subscription;
    const until = new Date(this.clock.now().getTime() + registryPauseMs);
    await postpone({ subscriptionId, after, through: null, failures, error, until }, this.db.manager);
  }

  // Denied may mean not yet, suspended for a while, or over: all are asked again, ever more rarely, and recorded.
  private async handleDenial(subscription: Subscription, receiver: Receiver, denial: Forbidden): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose } = subscription;
    await this.audit.refused({
      action: 'refuse',
      operation: 'subscriptions:deliver',
      outcome: 'denied',
      actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
      datasetId,
      agreementId,
      subscriptionId,
      purpose,
      code: denial.code,
      reason: denial.message.slice(0, 500),
    });
    await this.retryLater(subscription, null, `${denial.code}: ${denial.message}`.slice(0, 500));
  }

  private async handleFailure(subscription: Subscription, page: Disclosed | null, result: SendResult): Promise<void> {
    const { subscriptionId, pageAttempts, maxAttempts } = subscription;
    if (result.outcome === 'gone')
      await stopSubscription(subscriptionId, WEBHOOK_GONE, 'the receiver answered 410', this.db.manager);
    if (result.outcome !== 'failed') return;
    if (page && pageAttempts + 1 >= maxAttempts) await this.putAside(subscription, page, result);
    else await this.retryLater(subscription, page?.through ?? null, result.error, result.retryAfterMs);
  }

  // The page's place is kept and nothing of what was in it; what is behind it goes on soon.
  private async putAside(subscription: Subscription, page: Disclosed, { error, retryAfterMs }: Failed): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose, owner, ackedPosition: after } = subscription;
    const deadLetterId = randomUUID();
    const [attempts, putAsideAt] = [subscription.pageAttempts + 1, this.clock.now()];
    const { through } = page;
    const records = page.events.length;
    const letter = { deadLetterId, subscriptionId, after, through, records, reason: error, attempts, putAsideAt };
    const { id, kind, department } = this.decisions.receiverById(owner);
    const entry = {
      action: 'administer' as const,
      operation: 'subscriptions:dead-letter',
      outcome: 'done' as const,
      actor: { id, kind, department },
      ...{ datasetId, agreementId, subscriptionId, purpose, records },
      positions: { first: after + 1, last: through },
      reason: error,
    };
    const nextAt = new Date(putAsideAt.getTime() + this.waitMs(subscription, 1, retryAfterMs));
    await this.db.transaction(async (tx) => {
      if (await putAside(letter, nextAt, tx)) await this.audit.record(entry, tx);
    });
  }

  private async retryLater(
    subscription: Subscription,
    through: number | null,
    error: string,
    atLeastMs?: number,
  ): Promise<void> {
    const { subscriptionId, ackedPosition: after } = subscription;
    const failures = subscription.failures + 1;
    const until = new Date(this.clock.now().getTime() + this.waitMs(subscription, failures, atLeastMs));
    await postpone({ subscriptionId, after, through, failures, error, until }, this.db.manager);
  }

  private waitMs({ webhookRate }: Subscription, failures: number, atLeastMs = 0): number {
    return Math.max(atLeastMs, paceMs(webhookRate), retryDelayMs(failures, Math.random()));
  }
}

// The id of a delivered event is its position.
const positionsOf = (page: Disclosed): number[] => page.events.map(({ id }) => Number(id));
