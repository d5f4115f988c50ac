import { setTimeout as pause } from 'node:timers/promises';
import { Conflict, NotFound } from '@govbus/contracts';
import {
  actorOf,
  Audit,
  type Caller,
  Clock,
  type ListCursor,
  type PageQuery,
  readListCursor,
  Turns,
} from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { inTurn } from '../in-turn';
import type { Subscription } from '../subscriptions/subscription.entity';
import type { RedriveAllResponse, RedriveResponse } from './dead-letters.dto';
import * as sql from './dead-letters.sql';
import { positionsOf, WebhookPages } from './webhook-pages';
import { paceMs } from './webhook.rules';
import { WebhookWorker } from './webhook.worker';

/** Milliseconds after which another may try a page whose redriving never ended: more than its attempts last. */
const busyMs = 120_000;
/** Pages that a department redrives at once: each is in memory for as long as its receiver lets it wait. */
const maxRedrives = 4;
/** Milliseconds after which no further page of a subscription is begun: what asks for all of them waits for an answer. */
const maxBulkMs = 20_000;

/** The pages that webhooks' receivers did not take. */
@Injectable()
export class DeadLettersService {
  private readonly turns = new Turns(maxRedrives);

  constructor(
    private readonly db: DataSource,
    private readonly pages: WebhookPages,
    private readonly worker: WebhookWorker,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  async list(subscriptionId: string, query: PageQuery, caller: Caller): Promise<sql.DeadLetter[]> {
    await this.find(subscriptionId, caller);
    return sql.listDeadLetters(subscriptionId, readListCursor(query.cursor), query.limit + 1, this.db.manager);
  }

  /**
   * Delivers the positions of one page anew, through the lens and under the decision of this moment.
   *
   * Errors: `NotFound` `dead-letter.unknown`; `Conflict` `subscription.not-active`, `dead-letter.busy` while another
   *   redrives it; `Forbidden` `decision.denied` as for each page; `Unavailable` `delivery.busy`.
   */
  redrive(subscriptionId: string, deadLetterId: string, caller: Caller): Promise<RedriveResponse> {
    return this.ofOwn(subscriptionId, caller, async () => {
      const subscription = await this.find(subscriptionId, caller);
      if (!(await sql.hasDeadLetter(subscriptionId, deadLetterId, this.db.manager)))
        throw new NotFound('dead-letter.unknown', `there is no dead letter \`${deadLetterId}\``);
      requireActive(subscription);
      const redriven = await this.redriveOne(subscription, deadLetterId, caller);
      if (!redriven) throw new Conflict('dead-letter.busy', 'the dead letter is being delivered already');
      return redriven;
    });
  }

  /**
   * Redrives the pages of a subscription one after the other, the oldest first, until one is not delivered or 20 s are
   * over; those that another redrives are passed over.
   *
   * Shape: may run again and again; `remaining` counts all that is still aside.
   * Errors: as `redrive` for the page that it comes to, never `dead-letter.*`; what was delivered before stays so.
   */
  redriveAll(subscriptionId: string, caller: Caller): Promise<RedriveAllResponse> {
    return this.ofOwn(subscriptionId, caller, async () => {
      const { delivered, error } = await this.redriveEach(subscriptionId, caller);
      const { deadLetters: remaining } = await this.find(subscriptionId, caller);
      return { delivered, remaining, error };
    });
  }

  private async redriveEach(subscriptionId: string, caller: Caller): Promise<{ delivered: number; error?: string }> {
    const endsAt = performance.now() + maxBulkMs;
    let delivered = 0;
    let last: ListCursor | undefined;
    for (;;) {
      const subscription = await this.find(subscriptionId, caller);
      requireActive(subscription);
      const [next] = await sql.listDeadLetters(subscriptionId, last, 1, this.db.manager);
      if (!next) return { delivered };
      last = { at: next.putAsideAt.toISOString(), id: next.deadLetterId };
      const redriven = await this.redriveOne(subscription, next.deadLetterId, caller);
      if (redriven && !redriven.delivered) return { delivered, error: redriven.error };
      if (redriven) delivered += 1;
      const pauseMs = (redriven && paceMs(subscription.webhookRate)) ?? 0;
      if (performance.now() + pauseMs >= endsAt) return { delivered };
      if (pauseMs > 0) await this.worker.cutOff(subscription.agreementId, (stop) => passed(pauseMs, stop));
    }
  }

  private async ofOwn<T>(subscriptionId: string, caller: Caller, work: () => Promise<T>): Promise<T> {
    await this.find(subscriptionId, caller);
    return inTurn(this.turns, caller.department, work);
  }

  /** Delivers a page, as it is once it is this caller's alone; undefined while it is another's. */
  private redriveOne(
    subscription: Subscription,
    deadLetterId: string,
    caller: Caller,
  ): Promise<RedriveResponse | undefined> {
    return this.worker.cutOff(subscription.agreementId, async (stop) => {
      const now = this.clock.now();
      // Together: nobody would give back what was taken by one who cannot be recorded.
      const letter = await this.db.transaction(async (tx) => {
        const claimed = await sql.claim(deadLetterId, now, new Date(now.getTime() + busyMs), tx);
        if (claimed) await this.record(subscription, claimed, caller, tx);
        return claimed;
      });
      return letter && this.deliver(subscription, letter, stop);
    });
  }

  // Under wider terms than before one page may have become several.
  private async deliver(
    subscription: Subscription,
    letter: sql.DeadLetter,
    stop: AbortSignal,
  ): Promise<RedriveResponse> {
    const { replays, through: until } = letter;
    const positions: number[] = [];
    let { after } = letter;
    let reason: string | undefined;
    try {
      while (after < until) {
        const page = await this.pages.disclose(subscription, { after, limit: subscription.webhookMaxEvents, until });
        // Asked for by a person: it goes whatever the circuit says, and tells it what came of it.
        const { result } = await this.pages.send(subscription, page, { replays, isKnown: true, stop });
        if (result.outcome !== 'delivered') {
          if (result.outcome !== 'aborted')
            reason = result.outcome === 'gone' ? 'the receiver answered 410' : result.error;
          return { delivered: false, error: reason ?? 'cut off, because the agreement changed' };
        }
        after = page.through;
        positions.push(...positionsOf(page));
      }
      await this.db.transaction((tx) => sql.removeDelivered(letter, positions, tx));
      return { delivered: true };
    } finally {
      if (after < until) await this.db.transaction((tx) => sql.putBack({ letter, after, positions, reason }, tx));
    }
  }

  private async find(subscriptionId: string, caller: Caller): Promise<Subscription> {
    const subscription = await this.pages.load(subscriptionId);
    if (!subscription || subscription.consumerDepartment !== caller.department)
      throw new NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
    return subscription;
  }

  private record(subscription: Subscription, letter: sql.DeadLetter, caller: Caller, tx: EntityManager): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose } = subscription;
    const positions = { first: letter.after + 1, last: letter.through };
    const about = { datasetId, agreementId, subscriptionId, purpose, positions };
    const actor = actorOf(caller);
    const operation = 'subscriptions:redrive';
    return this.audit.record({ action: 'administer', operation, outcome: 'done', actor, ...about }, tx);
  }
}

// One that its agreement stopped is refused by the decision, which also explains why.
function requireActive({ status, stopReason }: Subscription): void {
  if (status !== 'active' && !stopReason?.startsWith('agreement.'))
    throw new Conflict('subscription.not-active', `the subscription is ${status}`);
}

const passed = (ms: number, stop: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal: stop }).catch(() => undefined);
