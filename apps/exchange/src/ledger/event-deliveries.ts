import type { DeliveredEvent, DeliveryMode } from '@govbus/contracts';
import { Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AgreementCopy } from '../agreements/agreement.entity';
import { AppConfig } from '../app.config';
import { DatasetCopy } from '../datasets/dataset.entity';
import { Lenses } from '../delivery/lenses';
import { isWantedOf, matchOf } from '../delivery/page-reader';
import { cutoffOf } from '../retention/retention.rules';
import { passes, visibleTo } from '../subscriptions/filters.rules';
import { Subscription } from '../subscriptions/subscription.entity';
import type { EventDelivery } from './ledger.dto';
import { readLedger } from './ledger-reads.sql';

/** Disclosures of an agreement that are looked at: those that end next at or behind the event. */
const lookedAt = 1_000;
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
  isCut: boolean;
};
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
    const covering = await this.covering(datasetId, position);
    const told = covering.slice(0, maxTold);
    const agreements = new Map<string, AgreementCopy>();
    for (const agreement of await this.db.manager.findBy(AgreementCopy, { datasetId }))
      agreements.set(agreement.agreementId, agreement);
    const shows = await this.lensesOn(datasetId, position);
    const deliveries: EventDelivery[] = [];
    for (const disclosure of told) {
      const agreement = agreements.get(disclosure.agreementId);
      const subscription = await this.subscriptionOf(disclosure);
      const record = disclosure.isWhole ? 'included' : shows(disclosure, agreement, subscription);
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
        isDone: subscription && subscription.ackedPosition >= position,
      });
    }
    // Its first disclosures are as old as it is, and may have been removed.
    const isOld = recordedAt < cutoffOf(this.config.DISCLOSURE_DAYS, this.clock.now());
    return { deliveries, isComplete: !isOld && covering.length <= maxTold && !covering.some(({ isCut }) => isCut) };
  }

  private covering(datasetId: string, position: number): Promise<Covering[]> {
    return this.db.query<Covering[]>(
      `SELECT near.disclosure_id AS "disclosureId", near.agreement_id AS "agreementId",
              near.agreement_version AS "agreementVersion", near.subscription_id AS "subscriptionId", near.purpose,
              near.mode, near.records = near.last_position - near.first_position + 1 AS "isWhole",
              near.disclosed_at AS "disclosedAt", near.place >= $3 AS "isCut"
         FROM agreements
        CROSS JOIN LATERAL (
              SELECT *, row_number() OVER (ORDER BY last_position) AS place
                FROM (SELECT * FROM disclosures
                       WHERE disclosures.agreement_id = agreements.agreement_id AND last_position >= $2
                       ORDER BY last_position LIMIT $3) ending) near
        WHERE agreements.dataset_id = $1 AND near.first_position <= $2
        ORDER BY near.disclosed_at, near.disclosure_id LIMIT $4`,
      [datasetId, position, lookedAt, maxTold + 1],
    );
  }

  private async subscriptionOf({ subscriptionId }: Covering): Promise<Subscription | undefined> {
    if (subscriptionId === null) return undefined;
    return (await this.db.manager.findOneBy(Subscription, { subscriptionId })) ?? undefined;
  }

  // What the lenses say of this one event, which is read once.
  private async lensesOn(datasetId: string, position: number) {
    const dataset = await this.db.manager.findOneBy(DatasetCopy, { datasetId });
    const { rows } = await readLedger(datasetId, position - 1, 1, this.db.manager);
    const row = rows.find((found) => found.position === position);
    return (disclosure: Covering, agreement?: AgreementCopy, subscription?: Subscription) => {
      // A page of a query or by record key passes over what its lens would show.
      const isInOrder = subscription && subscription.webhookOrder === 'dataset';
      if (!row || !isInOrder || agreement?.version !== disclosure.agreementVersion) return 'possible';
      const lens = this.lenses.of(agreement, subscription.areaCode ?? undefined);
      const matched = matchOf({ agreement, dataset, lens }, row);
      const isWanted = (event: DeliveredEvent): boolean => passes(subscription.filters, visibleTo(event));
      return matched && isWantedOf(matched, isWanted) ? 'included' : 'left-out';
    };
  }
}
