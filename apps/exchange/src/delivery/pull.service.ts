import { Conflict, NotFound } from '@govbus/contracts';
import { type Caller, Turns } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { keepTurn, requireTurn } from '../in-turn';
import { Subscription } from '../subscriptions/subscription.entity';
import { type Disclosed, Disclosures } from './disclosure';
import { Keys } from './keys';
import type { PullQuery, PullResponse } from './pull.dto';
import { ReceiveDecisions } from './receive-decisions';
import { type Waiter, Waiters } from './waiters';

type Bounds = { limit: number; maxBytes?: number };
type OnGone = (callback: () => void) => void;
type Waiting = { waiter: Waiter; onGone: OnGone };
/** Pages of a department at once, of streams too: of the connections to the database others need some as well. */
const maxPages = 6;
const notBy = { pull: 'subscription.not-pulled', sse: 'subscription.not-streamed' } as const;

/** Pages for consumers that come and ask. */
@Injectable()
export class PullService {
  private readonly turns = new Turns(maxPages);

  constructor(
    private readonly db: DataSource,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly keys: Keys,
    private readonly waiters: Waiters,
  ) {}

  /**
   * One page; with `wait`, the first that holds something, or an empty one when the time is over.
   *
   * `onGone` is handed what to call when the answer was taken or the client has gone away: so long the turn lasts, as an
   * answer that nobody reads stays in memory.
   *
   * Errors: those of `find` and `page`; `Invalid` `cursor.invalid`; `Unavailable` `delivery.busy`.
   */
  async pull(subscriptionId: string, query: PullQuery, caller: Caller, onGone: OnGone): Promise<PullResponse> {
    const subscription = await this.find(subscriptionId, caller);
    const after =
      query.cursor === undefined ? subscription.ackedPosition : this.keys.positionIn(query.cursor, subscriptionId);
    if (query.wait === 0) {
      // Who waits for events is counted by `Waiters`, and not refused when many are woken at once.
      requireTurn(this.turns, caller.department);
      const page = await this.pageToKeep(subscription, caller, after, { limit: query.limit }, onGone);
      return this.answer(page, subscriptionId);
    }
    const waiter = this.waiters.open(subscription);
    onGone(() => waiter.close());
    try {
      return this.answer(await this.firstPage(subscription, caller, after, query, { waiter, onGone }), subscriptionId);
    } finally {
      waiter.close();
    }
  }

  /**
   * The subscription as it is now.
   *
   * Errors: `NotFound` `subscription.unknown`, `Conflict` `subscription.not-pulled`, `subscription.not-streamed`,
   *   `subscription.paused`. One that its agreement stopped is refused by the decision, which also explains why.
   */
  async find(subscriptionId: string, caller: Caller, mode: 'pull' | 'sse' = 'pull'): Promise<Subscription> {
    const subscription = await this.db.manager.findOneBy(Subscription, { subscriptionId });
    if (!subscription || subscription.consumerDepartment !== caller.department)
      throw new NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
    if (subscription.mode !== mode)
      throw new Conflict(notBy[mode], `the subscription is delivered by ${subscription.mode}`);
    if (subscription.status === 'paused') throw new Conflict('subscription.paused', 'the subscription is paused');
    return subscription;
  }

  /** One page, decided when it is its turn. Errors: those of `Disclosures.disclose`. */
  page(subscription: Subscription, caller: Caller, after: number, bounds: Bounds): Promise<Disclosed> {
    return this.turns.take(subscription.consumerDepartment, () => this.disclose(subscription, caller, after, bounds));
  }

  private disclose(subscription: Subscription, caller: Caller, after: number, bounds: Bounds): Promise<Disclosed> {
    const operation = 'subscriptions:read' as const;
    const receiver = this.decisions.receiverOf(caller);
    return this.disclosures.disclose({ subscription, receiver, operation, after, ...bounds });
  }

  // What the lens lets nothing through of is passed; each page is decided anew, the last one included.
  private async firstPage(
    subscription: Subscription,
    caller: Caller,
    after: number,
    query: PullQuery,
    { waiter, onGone }: Waiting,
  ): Promise<Disclosed> {
    const endsAt = performance.now() + query.wait * 1000;
    let [now, from] = [subscription, after];
    for (;;) {
      const page = await this.pageToKeep(now, caller, from, { limit: query.limit }, onGone);
      const leftMs = endsAt - performance.now();
      if (page.events.length > 0 || waiter.isOver || leftMs <= 0) return page;
      if (!page.hasMore) await waiter.next(leftMs);
      if (waiter.isOver) return page;
      now = await this.find(subscription.subscriptionId, caller);
      from = page.through;
    }
  }

  // Whoever waits for events has no turn meanwhile.
  private pageToKeep(
    subscription: Subscription,
    caller: Caller,
    after: number,
    bounds: Bounds,
    onGone: OnGone,
  ): Promise<Disclosed> {
    const { turns } = this;
    return keepTurn({ turns, department: caller.department, onGone }, () =>
      this.disclose(subscription, caller, after, bounds),
    );
  }

  private answer(page: Disclosed, subscriptionId: string): PullResponse {
    const { disclosureId, events, through, hasMore } = page;
    return { disclosureId, events, nextCursor: this.keys.cursorOf(subscriptionId, through), hasMore };
  }
}
