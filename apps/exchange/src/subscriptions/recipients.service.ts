import { Forbidden, NotFound } from '@govbus/contracts';
import type { Caller, PageQuery } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import { headOf } from '../delivery/disclosure.sql';
import { conditionsOf, noConditions } from './conditions.sql';
import { readListCursor } from './list-cursor';
import { Subscription } from './subscription.entity';
import type { View } from './subscriptions.service';

/** Who receives a dataset, for the department that is responsible for it. */
@Injectable()
export class RecipientsService {
  constructor(
    private readonly db: DataSource,
    private readonly datasets: Datasets,
  ) {}

  /** Errors: `NotFound` `dataset.unknown`; `Forbidden` `decision.denied` for departments that do not own it. */
  async list(datasetId: string, query: PageQuery, caller: Caller): Promise<View[]> {
    const dataset = await this.datasets.find(datasetId);
    if (!dataset) throw new NotFound('dataset.unknown', `there is no dataset \`${datasetId}\``);
    if (dataset.copy.responsibleDepartment !== caller.department && !caller.scopes.includes('admin'))
      throw new Forbidden('decision.denied', 'the dataset is not owned by the department of the caller');
    const behind = readListCursor(query.cursor);
    const rows = this.db.manager
      .createQueryBuilder(Subscription, 's')
      .where({ datasetId })
      .orderBy('s.createdAt')
      .addOrderBy('s.subscriptionId')
      .limit(query.limit + 1);
    if (behind) rows.andWhere('(s.createdAt, s.subscriptionId) > (:at, :id)', behind);
    const subscriptions = await rows.getMany();
    const head = await headOf(datasetId, this.db.manager);
    const ids = subscriptions.map(({ subscriptionId }) => subscriptionId);
    const conditions = await conditionsOf(ids, this.db.manager);
    return subscriptions.map((subscription) => {
      return { subscription, head, conditions: conditions.get(subscription.subscriptionId) ?? noConditions };
    });
  }
}
