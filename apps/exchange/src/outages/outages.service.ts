import { randomUUID } from 'node:crypto';
import { Conflict, NotFound } from '@govbus/contracts';
import { actorOf, Audit, type Caller, Clock, Turns } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { inTurn } from '../in-turn';
import { holdDepartment } from '../subscriptions/department-lock';
import { Subscription } from '../subscriptions/subscription.entity';
import type { AnnounceOutageRequest } from './outages.dto';
import { checkWindow } from './outages.rules';
import { insertOutage, listOutages, type Outage, removeOutage } from './outages.sql';

/** Outages of one department that are not over, at most. */
const maxOutages = 100;

/**
 * Planned outages that consumers announce. While one runs nothing is sent to them and no failure is counted; deliveries
 * go on by themselves when it ends.
 */
@Injectable()
export class OutagesService {
  // One at a time: who waits to count holds no connection.
  private readonly turns = new Turns(1);

  constructor(
    private readonly db: DataSource,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * Errors: `Invalid` `outage.window`; `NotFound` `subscription.unknown`; `Conflict` `outage.too-many` from the hundredth
   *   on that is not over; `Unavailable` `delivery.busy`.
   */
  announce(order: AnnounceOutageRequest, caller: Caller): Promise<Outage> {
    const { subscriptionId = null, reason } = order;
    const [from, until, now] = [new Date(order.from), new Date(order.until), this.clock.now()];
    checkWindow({ from, until }, now);
    const announced = async (tx: EntityManager): Promise<Outage> => {
      await holdDepartment(caller.department, tx);
      if (subscriptionId !== null) await this.requireOwn(subscriptionId, caller, tx);
      if ((await listOutages(caller.department, maxOutages, tx)).length >= maxOutages)
        throw new Conflict('outage.too-many', `there are ${maxOutages} outages that are not over`);
      const outage = { outageId: randomUUID(), subscriptionId, from, until, reason };
      await insertOutage(caller.department, caller.id, now, outage, tx);
      await this.record('outages:announce', outage.outageId, caller, tx, { subscriptionId, reason });
      return outage;
    };
    return inTurn(this.turns, caller.department, () => this.db.transaction(announced));
  }

  list(caller: Caller): Promise<Outage[]> {
    return listOutages(caller.department, maxOutages, this.db.manager);
  }

  /** Ends an outage early, or calls it off. Errors: `NotFound` `outage.unknown`. */
  withdraw(outageId: string, caller: Caller): Promise<void> {
    return this.db.transaction(async (tx) => {
      if (!(await removeOutage(caller.department, outageId, tx)))
        throw new NotFound('outage.unknown', `there is no outage \`${outageId}\``);
      await this.record('outages:withdraw', outageId, caller, tx);
    });
  }

  private async requireOwn(subscriptionId: string, caller: Caller, tx: EntityManager): Promise<void> {
    // Held, so that it is not deleted before the outage, which refers to it, is kept.
    const lock = { mode: 'for_key_share' as const };
    const subscription = await tx.findOne(Subscription, { where: { subscriptionId }, lock });
    if (subscription?.consumerDepartment !== caller.department)
      throw new NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
  }

  private record(
    operation: string,
    outageId: string,
    caller: Caller,
    tx: EntityManager,
    what?: { subscriptionId: string | null; reason: string },
  ): Promise<void> {
    const about = { entity: `outage:${outageId}`, subscriptionId: what?.subscriptionId ?? undefined };
    const entry = { action: 'administer' as const, operation, outcome: 'done' as const, actor: actorOf(caller) };
    return this.audit.record({ ...entry, ...about, reason: what?.reason }, tx);
  }
}
