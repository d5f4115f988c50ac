import { Conflict, NotFound } from '@govbus/contracts';
import type { Caller } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Subscription } from '../subscriptions/subscription.entity';
import { Disclosed, Disclosures } from './disclosure';
import { Keys } from './keys';
import type { PullQuery, PullResponse } from './pull.dto';
import { ReceiveDecisions } from './receive-decisions';

/** Pages for consumers that come and ask. */
@Injectable()
export class PullService {
  constructor(
    private readonly db: DataSource,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly keys: Keys,
  ) {}

  async pull(subscriptionId: string, query: PullQuery, caller: Caller): Promise<PullResponse> {
    const subscription = await this.db.manager.findOneBy(Subscription, { subscriptionId });
    if (!subscription || subscription.consumerDepartment !== caller.department)
      throw new NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
    if (subscription.mode !== 'pull')
      throw new Conflict('subscription.not-pulled', `the subscription is delivered by ${subscription.mode}`);
    if (subscription.status === 'paused') throw new Conflict('subscription.paused', 'the subscription is paused');
    const after =
      query.cursor === undefined ? subscription.ackedPosition : this.keys.positionIn(query.cursor, subscriptionId);
    // One that its agreement stopped is refused by the decision, which also explains why.
    const receiver = this.decisions.receiverOf(caller);
    const request = { subscription, receiver, operation: 'subscriptions:read' as const, after, limit: query.limit };
    return this.answer(await this.disclosures.disclose(request), subscriptionId);
  }

  private answer(page: Disclosed, subscriptionId: string): PullResponse {
    const { disclosureId, events, through, hasMore } = page;
    return { disclosureId, events, nextCursor: this.keys.cursorOf(subscriptionId, through), hasMore };
  }
}
