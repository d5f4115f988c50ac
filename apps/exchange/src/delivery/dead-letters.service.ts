import { Conflict, NotFound, Unavailable } from '@govbus/contracts';
import { actorOf, Audit, type Caller, Clock, type PageQuery, Turns } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readListCursor } from '../subscriptions/list-cursor';
import type { Subscription } from '../subscriptions/subscription.entity';
import type { RedriveResponse } from './dead-letters.dto';
import * as sql from './dead-letters.sql';
import { positionsOf, WebhookPages } from './webhook-pages';
import { WebhookWorker } from './webhook.worker';

/** Milliseconds after which another may try a page whose redriving never ended: more than its attempts last. */
const busyMs = 120_000;
/** Pages that a department redrives at once: each may hold 8 MiB for as long as its receiver lets it wait. */
const maxRedrives = 4;

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
  async redrive(subscriptionId: string, deadLetterId: string, caller: Caller): Promise<RedriveResponse> {
    await this.find(subscriptionId, caller);
    if (!this.turns.hasRoom(caller.department))
      throw new Unavailable('delivery.busy', 'too many dead letters of the department wait to be redriven already', {
        retryAfterSeconds: 5,
      });
    return this.turns.take(caller.department, () => this.redriveInTurn(subscriptionId, deadLetterId, caller));
  }

  private async redriveInTurn(subscriptionId: string, deadLetterId: string, caller: Caller): Promise<RedriveResponse> {
    const subscription = await this.find(subscriptionId, caller);
    const letter = await sql.findDeadLetter(subscriptionId, deadLetterId, this.db.manager);
    if (!letter) throw new NotFound('dead-letter.unknown', `there is no dead letter \`${deadLetterId}\``);
    // One that its agreement stopped is refused by the decision, which also explains why.
    const { status, stopReason } = subscription;
    if (status !== 'active' && !stopReason?.startsWith('agreement.'))
      throw new Conflict('subscription.not-active', `the subscription is ${status}`);
    const now = this.clock.now();
    if (!(await sql.claim(deadLetterId, now, new Date(now.getTime() + busyMs), this.db.manager)))
      throw new Conflict('dead-letter.busy', 'the dead letter is being delivered already');
    await this.record(subscription, letter, caller);
    return this.worker.cutOff(subscription.agreementId, (stop) => this.deliver(subscription, letter, stop));
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

  private record(subscription: Subscription, letter: sql.DeadLetter, caller: Caller): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose } = subscription;
    const positions = { first: letter.after + 1, last: letter.through };
    const about = { datasetId, agreementId, subscriptionId, purpose, positions };
    const actor = actorOf(caller);
    const operation = 'subscriptions:redrive';
    return this.db.transaction((tx) =>
      this.audit.record({ action: 'administer', operation, outcome: 'done', actor, ...about }, tx),
    );
  }
}
