import { Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Subscription } from '../subscriptions/subscription.entity';
import { WEBHOOK_NOT_ALLOWED } from '../subscriptions/subscription.rules';
import { putAside } from './dead-letters.sql';
import type { Disclosed } from './disclosure';
import { renew } from './lease.sql';
import { enter, type Entry, leaveProbe } from './webhook-circuits.sql';
import { WebhookKeyed } from './webhook-keyed';
import { type Failed, positionsOf, type Turn, WebhookPages } from './webhook-pages';
import { WebhookSender } from './webhook-sender';
import { maxAttemptsAt, paceMs } from './webhook.rules';
import { confirm, noteConsent, stop as stopSubscription } from './webhook.sql';

/** Turns, and milliseconds, before the lease is given back, so that many subscriptions share few processes. */
const [maxTurns, maxTurnsMs] = [50, 10_000];
/** A lease that is younger needs no renewal between two requests of one turn. */
const freshMs = 5_000;

/** Delivers one leased subscription: page after page, each disclosed, sent, confirmed. */
@Injectable()
export class WebhookDelivery {
  constructor(
    private readonly db: DataSource,
    private readonly pages: WebhookPages,
    private readonly keyed: WebhookKeyed,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
  ) {}

  /** Ends when nothing is left, an attempt failed, the lease is lost, or `stop` or `isStopping` says so. */
  async run(owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean): Promise<void> {
    const endsAt = performance.now() + maxTurnsMs;
    const isOver = (): boolean => stop.aborted || isStopping() || performance.now() >= endsAt;
    for (let turns = 0; turns < maxTurns && !isOver(); turns += 1) {
      if (!(await renew(owner, subscriptionId, this.clock.now(), this.db.manager))) return;
      const subscription = await this.pages.load(subscriptionId);
      if (!subscription) return;
      // As old as the lease: a question to the receiver may take as long as a request.
      const keepLease = this.leaseOf(owner, subscriptionId);
      const entry = await enter(subscription, this.db.manager);
      if (entry.pass === 'none') return;
      try {
        if (!(await this.takeTurn({ subscription, entry, stop, keepLease }))) return;
      } finally {
        // A turn may send nothing, as of a page that the lens hides: what others have would wait for its probe.
        if (entry.pass === 'probe') await leaveProbe(subscription, this.db.manager);
      }
    }
  }

  /** Whether there may be more to do at once. */
  private async takeTurn(turn: Turn): Promise<boolean> {
    const { subscription, entry, stop } = turn;
    if (!(await this.isWelcome(subscription, entry, stop))) return false;
    return subscription.webhookOrder === 'key' ? this.keyed.deliver(turn) : this.deliverPage(turn);
  }

  private leaseOf(owner: string, subscriptionId: string): () => Promise<boolean> {
    let renewedAt = performance.now();
    return async () => {
      if (performance.now() - renewedAt < freshMs) return true;
      renewedAt = performance.now();
      return renew(owner, subscriptionId, this.clock.now(), this.db.manager);
    };
  }

  private async deliverPage({ subscription, entry, stop }: Turn): Promise<boolean> {
    const { subscriptionId, ackedPosition: after, pageThrough, replays, webhookMaxEvents: limit } = subscription;
    const until = pageThrough !== null && pageThrough > after ? pageThrough : undefined;
    const page = await this.pages.discloseOrWait(subscription, { after, limit, until });
    if (!page) return false;
    const { through } = page;
    const positions = positionsOf(page);
    const { isKnown } = entry;
    const { result } = await this.pages.send(subscription, page, { replays, isKnown, stop });
    if (result.outcome === 'gone') await this.pages.stopGone(subscription);
    if (result.outcome === 'failed') await this.handleFailure(subscription, page, result);
    if (result.outcome !== 'delivered') return false;
    // One that keeps a rate gives its lease back and is leased again when the next page is due.
    const pauseMs = positions.length > 0 ? paceMs(subscription.webhookRate) : null;
    await confirm({ subscriptionId, replays, after, through, positions, pauseMs }, this.db.manager);
    return page.hasMore && pauseMs === null;
  }

  // Asked before the first delivery to an address, where the subscription wants it.
  private async isWelcome(subscription: Subscription, { isKnown }: Entry, stop: AbortSignal): Promise<boolean> {
    const { subscriptionId, webhookHandshake, webhookConsentedUrl, webhookUrl: url } = subscription;
    if (!webhookHandshake || url === null || webhookConsentedUrl === url) return true;
    const answer = await this.sender.ask(url, stop);
    if (answer.outcome === 'allowed') {
      await noteConsent(subscriptionId, url, answer.rate, this.db.manager);
      subscription.webhookRate = answer.rate ?? null;
      return true;
    }
    if (answer.outcome === 'refused') {
      await stopSubscription(subscriptionId, WEBHOOK_NOT_ALLOWED, answer.error, this.db.manager);
      return false;
    }
    await this.pages.report(subscription, answer, isKnown);
    if (answer.outcome === 'gone') await this.pages.stopGone(subscription);
    if (answer.outcome === 'failed')
      await this.pages.retryLater(subscription, { error: answer.error, atLeastMs: answer.retryAfterMs });
    return false;
  }

  private async handleFailure(subscription: Subscription, page: Disclosed, result: Failed): Promise<void> {
    const { ackedPosition: after, pageAttempts, maxAttempts } = subscription;
    const { through } = page;
    const { error: reason, cause, retryAfterMs } = result;
    const later = { error: reason, through, atLeastMs: retryAfterMs };
    // However long the endpoint is away: no fault of the page, and what is put aside would arrive out of order.
    if (cause === 'away') return this.pages.retryLater(subscription, later);
    const attempts = pageAttempts + 1;
    // An endpoint that refuses contents is there: the wait is not that of the outage before it.
    const failures = cause === 'content' ? attempts : undefined;
    if (attempts < maxAttemptsAt(cause, maxAttempts))
      return this.pages.retryLater(subscription, { ...later, attempts: 1, failures });
    // What is behind it goes on soon.
    const waitMs = this.pages.waitMs(subscription, 1, retryAfterMs);
    const given = { after, through, records: page.events.length, reason, attempts };
    await this.pages.putAside(subscription, given, (letter, tx) => putAside(letter, waitMs, tx));
  }
}
