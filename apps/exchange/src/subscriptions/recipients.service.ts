import { Forbidden, NotFound } from '@govbus/contracts';
import { type Caller, type PageQuery, readListCursor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import { Subscription } from './subscription.entity';
import { type View, viewsOf } from './subscription-views';

/** What the answer shows or is made from. The filters are left where they are: they may be far longer than the rest. */
const shown: (keyof Subscription)[] = [
  'subscriptionId',
  'agreementId',
  'datasetId',
  'consumerDepartment',
  'purpose',
  'mode',
  'status',
  'stopReason',
  'ackedPosition',
  'heldFrom',
  'delivered',
  'lastDeliveredAt',
  'deadLetters',
  'createdAt',
];

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
      .select(shown.map((column) => `s.${column}`))
      .where({ datasetId })
      .orderBy('s.createdAt')
      .addOrderBy('s.subscriptionId')
      .limit(query.limit + 1);
    if (behind) rows.andWhere('(s.createdAt, s.subscriptionId) > (:at, :id)', behind);
    return viewsOf(await rows.getMany(), this.db.manager);
  }
}
