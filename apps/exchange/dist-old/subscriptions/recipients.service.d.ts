import type { Caller, PageQuery } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import { type View } from './subscription-views';
/** Who receives a dataset, for the department that is responsible for it. */
export declare class RecipientsService {
    private readonly db;
    private readonly datasets;
    constructor(db: DataSource, datasets: Datasets);
    /** Errors: `NotFound` `dataset.unknown`; `Forbidden` `decision.denied` for departments that do not own it. */
    list(datasetId: string, query: PageQuery, caller: Caller): Promise<View[]>;
}
//# sourceMappingURL=recipients.service.d.ts.map