import { randomUUID } from 'node:crypto';
import { type AuditEntryV1, Conflict, Invalid, NotFound } from '@govbus/contracts';
import { actorOf, assertIfMatch, Audit, type Caller, Changes, Clock, readListCursor, Turns } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig } from '../app.config';
import { webhookUrl } from '../delivery/addresses';
import { type Access, Disclosures } from '../delivery/disclosure';
import { headOf } from '../delivery/disclosure.sql';
import { Keys } from '../delivery/keys';
import { SUBSCRIPTIONS_CHANGED } from '../delivery/lease.sql';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import { forget } from '../delivery/webhook-circuits.sql';
import { dropHeld } from '../delivery/webhook-held.sql';
import { newSigningKey, type SigningKey } from '../delivery/webhook-signatures';
import { unwantTopic, wantTopic } from '../delivery/share-topics.sql';
import { requireArea } from './area.rules';
import { OverScope } from '../enforcement/over-scope';
import { inTurn } from '../in-turn';
import { holdDepartment } from './department-lock';
import { type EventFilter, readFilters } from './filters.rules';
import { newSubscription } from './new-subscription';
import { Subscription } from './subscription.entity';
import { countSubscriptions } from './subscription-counts.sql';
import { type View, viewOf, viewsOf } from './subscription-views';
import { donePosition, type Place, positionBefore, readStart, seek, skip, type Start } from './start.rules';
import { startAt } from './start.sql';
import { acknowledge, pause, requireRoom, resume } from './subscription.rules';
import type {
  CreateSubscriptionRequest,
  RotateSecretRequest,
  SeekRequest,
  SkipRequest,
  SubscriptionsQuery,
} from './subscriptions.dto';

/** What an audit entry tells of a change. */
type What = Pick<AuditEntryV1, 'positions' | 'reason'>;
type Making = { url: string | undefined; from: Start; filters: EventFilter[]; use: Omit<Access, 'operation'> };

@Injectable()
export class SubscriptionsService {
  // One order at a time: who waits to count holds no connection.
  private readonly turns = new Turns(1);
  // And few changes, which wait for each other where they are of one subscription.
  private readonly changing = new Turns(4);

  constructor(
    private readonly db: DataSource,
    private readonly decisions: ReceiveDecisions,
    private readonly disclosures: Disclosures,
    private readonly overScope: OverScope,
    private readonly keys: Keys,
    private readonly audit: Audit,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /**
   * Errors: `Forbidden` `decision.denied`; `Conflict` `subscription.too-many`; `Invalid` where the order is none;
   *   `Unavailable` `delivery.busy`, and where it begins at a time `registry.stale`, `ledger.rebuilding`.
   */
  create(order: CreateSubscriptionRequest, caller: Caller): Promise<View & { secret?: string }> {
    const url = this.urlOf(order);
    const from = readStart(order.startFrom, '/startFrom');
    const filters = readFilters(order.filters ?? [], '/filters');
    const { agreementId, purpose, mode, caseReference } = order;
    const use = { agreementId, receiver: this.decisions.receiverOf(caller), purpose, mode, caseReference };
    const make = (): Promise<View & { secret?: string }> => this.make(order, { url, from, filters, use }, caller);
    return this.overScope.watch(use, () => inTurn(this.turns, caller.department, make));
  }

  private make(
    order: CreateSubscriptionRequest,
    { url, from, filters, use }: Making,
    caller: Caller,
  ): Promise<View & { secret?: string }> {
    return this.db.transaction(async (tx) => {
      await holdDepartment(caller.department, tx);
      // Where a time stands in the dataset says something of the data.
      const tells = typeof from === 'object' && 'time' in from;
      const agreement = await (tells
        ? this.disclosures.requireAgreement({ ...use, operation: 'subscriptions:read' }, tx)
        : this.disclosures.allowedBy(use, tx));
      requireRoom(await countSubscriptions(caller.department, tx), order.mode);
      if (order.areaCode) requireArea(order.areaCode, agreement.terms);
      const head = await headOf(agreement.datasetId, tx);
      const subscriptionId = randomUUID();
      const key = url === undefined ? undefined : newSigningKey(order.webhook?.signature ?? 'v1');
      const start = await startAt(from, agreement.datasetId, head, tx);
      const subscription = tx.create(Subscription, {
        ...newSubscription(order, caller, { datasetId: agreement.datasetId, start, now: this.clock.now() }),
        subscriptionId,
        filters,
        webhookUrl: url ?? null,
        webhookSecret: key ? this.keys.seal(key.secret, subscriptionId) : null,
        webhookPublicKey: key?.publicKey ?? null,
      });
      await tx.insert(Subscription, subscription);
      await Changes.notify(SUBSCRIPTIONS_CHANGED, subscriptionId, tx);
      if (order.mode === 'kafka') await wantTopic(subscriptionId, this.clock.now(), tx);
      await this.record('subscriptions:create', subscription, caller, tx);
      return { ...(await viewOf(subscription, tx)), secret: key?.shown };
    });
  }

  async list(query: SubscriptionsQuery, caller: Caller): Promise<View[]> {
    const behind = readListCursor(query.cursor);
    const rows = this.db.manager
      .createQueryBuilder(Subscription, 's')
      .where('s.consumerDepartment = :department', { department: caller.department })
      .orderBy('s.createdAt')
      .addOrderBy('s.subscriptionId')
      .limit(query.limit + 1);
    if (query.agreementId) rows.andWhere('s.agreementId = :agreementId', { agreementId: query.agreementId });
    if (behind) rows.andWhere('(s.createdAt, s.subscriptionId) > (:at, :id)', behind);
    return viewsOf(await rows.getMany(), this.db.manager);
  }

  async get(subscriptionId: string, caller: Caller): Promise<View> {
    const subscription = await this.db.manager.findOneBy(Subscription, { subscriptionId });
    if (!subscription || subscription.consumerDepartment !== caller.department) throw unknown(subscriptionId);
    return viewOf(subscription, this.db.manager);
  }

  pause(id: string, ifMatch: string | undefined, caller: Caller): Promise<View> {
    return this.change(id, 'subscriptions:pause', ifMatch, caller, pause);
  }

  resume(id: string, ifMatch: string | undefined, caller: Caller): Promise<View> {
    return this.change(id, 'subscriptions:resume', ifMatch, caller, (subscription) => {
      return { ...resume(subscription), failures: 0, pageAttempts: 0, nextAttemptAt: null, lastError: null };
    });
  }

  /** Everything up to the cursor is done with; safe to repeat. */
  ack(subscriptionId: string, cursor: string, caller: Caller): Promise<View> {
    return this.inTurnOf(caller, async (tx) => {
      const subscription = await this.lockOwn(subscriptionId, caller, tx);
      subscription.ackedPosition = acknowledge(subscription, this.keys.positionIn(cursor, subscriptionId));
      await tx.update(Subscription, { subscriptionId }, { ackedPosition: subscription.ackedPosition });
      return viewOf(subscription, tx);
    });
  }

  /**
   * Goes on from another place of the ledger; what is on its way to a webhook no longer counts.
   *
   * Errors: `Invalid` `position.beyond-head`. For a time, whose position says something of the data, also `Forbidden`
   *   `decision.denied` and `Unavailable` `registry.stale`, as for a page.
   */
  async seek(id: string, order: SeekRequest, ifMatch: string | undefined, caller: Caller): Promise<View> {
    const to = await this.placeOf(readStart(order.to, '/to'), id, caller);
    return this.changeTelling(id, 'subscriptions:seek', ifMatch, caller, async (subscription, tx) => {
      const from = donePosition(subscription);
      const after = positionBefore(to, await headOf(subscription.datasetId, tx));
      const changed = { ...seek(subscription, after), ...(await dropHeld(id, null, tx)) };
      // What is delivered again, or passed over.
      const positions = { first: Math.min(after, from) + 1, last: Math.max(after, from) };
      return { changed, what: after === from ? {} : { positions } };
    });
  }

  /**
   * Passes over what is next, such as an event that the receiver cannot take; of what is held behind the cursor, too.
   *
   * Errors: `Invalid` `position.not-ahead`, `position.beyond-head`; for a time also those of `seek`.
   */
  async skip(id: string, order: SkipRequest, ifMatch: string | undefined, caller: Caller): Promise<View> {
    const asked = isGiven(order.to) ? readStart(order.to, '/to') : undefined;
    if (isGiven(order.to) === isGiven(order.count))
      throw new Invalid('request.invalid', 'either `to` or `count` says how far to go');
    const { count = 0, reason } = order;
    const to = asked && (await this.placeOf(asked, id, caller));
    return this.changeTelling(id, 'subscriptions:skip', ifMatch, caller, async (subscription, tx) => {
      const from = donePosition(subscription);
      const head = await headOf(subscription.datasetId, tx);
      const through = positionBefore(to ?? { position: from + count + 1 }, head);
      const changed = { ...skip(subscription, through), ...(await dropHeld(id, through, tx)) };
      return { changed, what: { positions: { first: from + 1, last: through }, reason } };
    });
  }

  /** Errors: `Conflict` `subscription.no-webhook` for one that is pulled. */
  async rotateSecret(id: string, order: RotateSecretRequest, ifMatch: string | undefined, caller: Caller) {
    let key: SigningKey | undefined;
    const changed = await this.change(id, 'subscriptions:rotate-secret', ifMatch, caller, async (subscription, tx) => {
      if (subscription.mode !== 'webhook')
        throw new Conflict('subscription.no-webhook', `the subscription is delivered by ${subscription.mode}`);
      await tx.query('UPDATE subscriptions SET previous_webhook_secret = webhook_secret WHERE subscription_id = $1', [
        id,
      ]);
      const previousSecretUntil = new Date(this.clock.now().getTime() + order.overlapHours * 3_600_000);
      key = newSigningKey(order.signature ?? (subscription.webhookPublicKey === null ? 'v1' : 'v1a'));
      const [webhookSecret, webhookPublicKey] = [this.keys.seal(key.secret, id), key.publicKey];
      return { webhookSecret, webhookPublicKey, previousSecretUntil, version: subscription.version + 1 };
    });
    return { ...changed, secret: key?.shown };
  }

  remove(subscriptionId: string, ifMatch: string | undefined, caller: Caller): Promise<void> {
    return this.inTurnOf(caller, async (tx) => {
      const subscription = await this.lockOwn(subscriptionId, caller, tx);
      assertIfMatch(ifMatch, subscription.version);
      await tx.delete(Subscription, { subscriptionId });
      await forget(subscription, tx);
      if (subscription.mode === 'kafka') await unwantTopic(subscriptionId, this.clock.now(), tx);
      await this.record('subscriptions:delete', subscription, caller, tx);
    });
  }

  // Before the subscription is locked: a change of the agreement takes the two in this order.
  private async placeOf(start: Start, subscriptionId: string, caller: Caller): Promise<Place> {
    if (typeof start === 'string' || 'position' in start) return start;
    return this.inTurnOf(caller, async (tx) => {
      const subscription = await tx.findOneBy(Subscription, { subscriptionId });
      if (subscription?.consumerDepartment !== caller.department) throw unknown(subscriptionId);
      const { agreementId, datasetId, purpose, mode } = subscription;
      const caseReference = subscription.caseReference ?? undefined;
      const [receiver, operation] = [this.decisions.receiverOf(caller), 'subscriptions:read' as const];
      const access = { agreementId, subscriptionId, purpose, mode, receiver, operation, caseReference };
      await this.disclosures.requireAgreement(access, tx);
      return { position: (await startAt(start, datasetId, await headOf(datasetId, tx), tx)) + 1 };
    });
  }

  private change(
    subscriptionId: string,
    operation: string,
    ifMatch: string | undefined,
    caller: Caller,
    rule: (subscription: Subscription, tx: EntityManager) => Partial<Subscription> | Promise<Partial<Subscription>>,
  ): Promise<View> {
    return this.changeTelling(subscriptionId, operation, ifMatch, caller, async (subscription, tx) => ({
      changed: await rule(subscription, tx),
    }));
  }

  // `what` goes into the audit entry.
  private changeTelling(
    subscriptionId: string,
    operation: string,
    ifMatch: string | undefined,
    caller: Caller,
    rule: (subscription: Subscription, tx: EntityManager) => Promise<{ changed: Partial<Subscription>; what?: What }>,
  ): Promise<View> {
    return this.inTurnOf(caller, async (tx) => {
      const subscription = await this.lockOwn(subscriptionId, caller, tx);
      assertIfMatch(ifMatch, subscription.version);
      const { changed, what } = await rule(subscription, tx);
      await tx.update(Subscription, { subscriptionId }, changed);
      await Changes.notify(SUBSCRIPTIONS_CHANGED, subscriptionId, tx);
      await this.record(operation, subscription, caller, tx, what);
      return viewOf(Object.assign(subscription, changed), tx);
    });
  }

  private inTurnOf<T>({ department }: Caller, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return inTurn(this.changing, department, () => this.db.transaction(work));
  }

  // Who sees the id of another department's must not make that wait.
  private async lockOwn(subscriptionId: string, caller: Caller, tx: EntityManager): Promise<Subscription> {
    const own = { subscriptionId, consumerDepartment: caller.department };
    const subscription = await tx.findOne(Subscription, { where: own, lock: { mode: 'pessimistic_write' } });
    if (!subscription) throw unknown(subscriptionId);
    return subscription;
  }

  private urlOf(order: CreateSubscriptionRequest): string | undefined {
    const { mode, webhook } = order;
    if ((mode === 'webhook') !== isGiven(webhook))
      throw new Invalid('request.invalid', '`webhook` belongs to the mode `webhook`, and only to it');
    return webhook ? webhookUrl(webhook.url, this.config.WEBHOOK_ALLOW_PRIVATE === 'true').href : undefined;
  }

  private record(
    operation: string,
    subscription: Subscription,
    caller: Caller,
    tx: EntityManager,
    what: What = {},
  ): Promise<void> {
    const { subscriptionId, agreementId, datasetId, purpose } = subscription;
    const actor = actorOf(caller);
    const caseReference = subscription.caseReference ?? undefined;
    const about = { datasetId, agreementId, subscriptionId, purpose, caseReference };
    return this.audit.record({ action: 'administer', operation, outcome: 'done', actor, ...about, ...what }, tx);
  }
}

// What is optional may be null as well, which is as good as absent.
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const unknown = (subscriptionId: string): NotFound =>
  new NotFound('subscription.unknown', `there is no subscription \`${subscriptionId}\``);
