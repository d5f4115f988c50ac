import { setImmediate as othersFirst } from 'node:timers/promises';
import type { DeliveredEvent, DeliveryMode } from '@govbus/contracts';
import { Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { Any, DataSource } from 'typeorm';
import { AgreementCopy } from '../agreements/agreement.entity';
import { AppConfig } from '../app.config';
import { DatasetCopy } from '../datasets/dataset.entity';
import { Lenses } from '../delivery/lenses';
import { isWantedOf, matchOf } from '../delivery/page-reader';
import { cutoffOf } from '../retention/retention.rules';
import { passes, visibleTo } from '../subscriptions/filters.rules';
import { donePosition } from '../subscriptions/start.rules';
import { Subscription } from '../subscriptions/subscription.entity';
import type { EventDelivery } from './ledger.dto';
import { readLedger } from './ledger-reads.sql';

/** Disclosures that are looked at: of each agreement those that end next at or behind the event; and most of one. */
const [maxLooked, maxOfOne] = [10_000, 1_000];
/** Deliveries that are told at most. */
const maxTold = 200;

type Covering = {
  disclosureId: string;
  agreementId: string;
  agreementVersion: number;
  subscriptionId: string | null;
  purpose: string | null;
  mode: DeliveryMode | null;
  /** Whether every position of its range was shown. */
  isWhole: boolean;
  disclosedAt: Date;
};
/** The agreements over a dataset, a position, and how many disclosures of each are looked at there. */
type Near = [agreementIds: string[], position: number, lookedAt: number];
type StoredEvent = { datasetId: string; position: number; recordedAt: Date };
/** To whom an event went; `isComplete` is false when there may be more. */
export type EventDeliveries = { deliveries: EventDelivery[]; isComplete: boolean };

/**
 * To whom an event was delivered, from the disclosures whose positions cover it. A disclosure keeps its first and last
 * position, not each between: whether the event was among them says the lens, as long as the terms are those of then;
 * otherwise it stays `possible`.
 */
@Injectable()
export class DeliveriesOfEvents {
  constructor(
    private readonly db: DataSource,
    private readonly lenses: Lenses,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  async of({ datasetId, position, recordedAt }: StoredEvent): Promise<EventDeliveries> {
    const near = await this.nearTo(datasetId, position);
    const covering = await this.covering(near);
    const told = covering.slice(0, maxTold).toSorted(byTime);
    const { agreements, subscriptions } = await this.namedBy(told);
    const shows = await this.lensesOn(datasetId, position);
    const deliveries: EventDelivery[] = [];
    for (const disclosure of told) {
      const agreement = agreements.get(disclosure.agreementId);
      const subscription = subscriptions.get(disclosure.subscriptionId ?? '');
      const record = disclosure.isWhole ? 'included' : await shows(disclosure, agreement, subscription);
      if (record === 'left-out' || !agreement) continue;
      deliveries.push({
        disclosureId: disclosure.disclosureId,
        disclosedAt: disclosure.disclosedAt.toISOString(),
        consumerDepartment: agreement.consumerDepartment,
        agreementId: disclosure.agreementId,
        agreementVersion: disclosure.agreementVersion,
        subscriptionId: disclosure.subscriptionId ?? undefined,
        purpose: disclosure.purpose ?? subscription?.purpose,
        mode: disclosure.mode ?? subscription?.mode,
        record,
        isDone: subscription && donePosition(subscription) >= position,
      });
    }
    // Its first disclosures are as old as it is, and may have been removed.
    const isOld = recordedAt < cutoffOf(this.config.DISCLOSURE_DAYS, this.clock.now());
    return { deliveries, isComplete: !isOld && covering.length <= maxTold && !(await this.isCut(near)) };
  }

  private async nearTo(datasetId: string, position: number): Promise<Near> {
    const rows = await this.db.query<{ id: string }[]>(
      'SELECT agreement_id AS id FROM agreements WHERE dataset_id = $1',
      [datasetId],
    );
    const lookedAt = Math.min(maxOfOne, Math.ceil(maxLooked / Math.max(rows.length, 1)));
    return [rows.map(({ id }) => id), position, lookedAt];
  }

  // A first one of each agreement before a second of any: whoever reads often hides nobody else.
  private covering(near: Near): Promise<Covering[]> {
    return this.db.query<Covering[]>(
      `SELECT near.disclosure_id AS "disclosureId", near.agreement_id AS "agreementId",
              near.agreement_version AS "agreementVersion", near.subscription_id AS "subscriptionId", near.purpose,
              near.mode, near.records = near.last_position - near.first_position + 1 AS "isWhole",
              near.disclosed_at AS "disclosedAt"
         FROM unnest($1::uuid[]) AS agreement (id)
        CROSS JOIN LATERAL (SELECT * FROM disclosures WHERE agreement_id = agreement.id AND last_position >= $2
                             ORDER BY last_position LIMIT $3) near
        WHERE near.first_position <= $2
        ORDER BY row_number() OVER (PARTITION BY near.agreement_id ORDER BY near.disclosed_at, near.disclosure_id),
                 near.disclosed_at, near.disclosure_id LIMIT ${maxTold + 1}`,
      near,
    );
  }

  // Whether an agreement has more than are looked at: what ends later may have begun before the event.
  private async isCut(near: Near): Promise<boolean> {
    const rows = await this.db.query<unknown[]>(
      `SELECT 1 FROM unnest($1::uuid[]) AS agreement (id)
        CROSS JOIN LATERAL (SELECT 1 FROM disclosures WHERE agreement_id = agreement.id AND last_position >= $2
                             LIMIT 1 OFFSET $3) more LIMIT 1`,
      near,
    );
    return rows.length > 0;
  }

  private async namedBy(told: Covering[]) {
    const { manager } = this.db;
    const agreements = await manager.findBy(AgreementCopy, {
      agreementId: Any([...new Set(told.map(({ agreementId }) => agreementId))]),
    });
    const subscriptions = await manager.findBy(Subscription, {
      subscriptionId: Any([...new Set(told.flatMap(({ subscriptionId }) => subscriptionId ?? []))]),
    });
    return {
      agreements: new Map(agreements.map((agreement) => [agreement.agreementId, agreement])),
      subscriptions: new Map(subscriptions.map((subscription) => [subscription.subscriptionId, subscription])),
    };
  }

  // What the lenses say of this one event, which is read once.
  private async lensesOn(datasetId: string, position: number) {
    const dataset = await this.db.manager.findOneBy(DatasetCopy, { datasetId });
    const { rows } = await readLedger(datasetId, position - 1, 1, this.db.manager);
    const row = rows.find((found) => found.position === position);
    // By subscription: of its agreement one version alone is asked here. Many disclosures may be of one, and filters take
    // their time, so that others have their turn between two of them.
    const known = new Map<string, boolean>();
    return async (disclosure: Covering, agreement?: AgreementCopy, subscription?: Subscription) => {
      // A page of a query or by record key passes over what its lens would show.
      const isInOrder = subscription && subscription.webhookOrder === 'dataset';
      if (!row || !isInOrder || agreement?.version !== disclosure.agreementVersion) return 'possible';
      // This alone depends on when it was disclosed.
      if (row.expiresAt !== undefined && row.expiresAt <= disclosure.disclosedAt.getTime()) return 'left-out';
      const { subscriptionId, areaCode, filters } = subscription;
      let isShown = known.get(subscriptionId);
      if (isShown === undefined) {
        await othersFirst();
        const lens = this.lenses.of(agreement, areaCode ?? undefined);
        const matched = matchOf({ agreement, dataset, lens, at: disclosure.disclosedAt }, row);
        const isWanted = (event: DeliveredEvent): boolean => passes(filters, visibleTo(event));
        isShown = matched !== undefined && isWantedOf(matched, isWanted);
        known.set(subscriptionId, isShown);
      }
      return isShown ? 'included' : 'left-out';
    };
  }
}

const byTime = (a: Covering, b: Covering): number =>
  a.disclosedAt.getTime() - b.disclosedAt.getTime() || a.disclosureId.localeCompare(b.disclosureId);
