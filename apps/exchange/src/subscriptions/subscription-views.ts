import type { EntityManager } from 'typeorm';
import { headOf } from '../delivery/disclosure.sql';
import { type Conditions, conditionsOf, noConditions } from './conditions.sql';
import type { Subscription } from './subscription.entity';

/** A subscription with the head of its dataset and what keeps its deliveries back. */
export type View = { subscription: Subscription; head: number; conditions: Conditions };

/** Views of several subscriptions, in their order. */
export async function viewsOf(subscriptions: Subscription[], tx: EntityManager): Promise<View[]> {
  const heads = await headsOf([...new Set(subscriptions.map(({ datasetId }) => datasetId))], tx);
  const ids = subscriptions.map(({ subscriptionId }) => subscriptionId);
  const conditions = await conditionsOf(ids, tx);
  return subscriptions.map((subscription) => {
    const { subscriptionId, datasetId } = subscription;
    const head = heads.get(datasetId) ?? 0;
    return { subscription, head, conditions: conditions.get(subscriptionId) ?? noConditions };
  });
}

export async function viewOf(subscription: Subscription, tx: EntityManager): Promise<View> {
  const { subscriptionId, datasetId } = subscription;
  const head = await headOf(datasetId, tx);
  return {
    subscription,
    head,
    conditions: (await conditionsOf([subscriptionId], tx)).get(subscriptionId) ?? noConditions,
  };
}

async function headsOf(datasetIds: string[], tx: EntityManager): Promise<Map<string, number>> {
  const rows = await tx.query<{ dataset_id: string; last_position: string }[]>(
    'SELECT dataset_id, last_position FROM dataset_heads WHERE dataset_id = ANY($1)',
    [datasetIds],
  );
  return new Map(rows.map((row) => [row.dataset_id, Number(row.last_position)]));
}
