import { type Caller, Principals } from '@govbus/platform';
import { Decisions } from '@govbus/policy';
import { type OnModuleInit } from '@nestjs/common';
import { Datasets, type KnownDataset } from '../datasets/datasets';
/**
 * Who may publish what, remembered: a decision by Cedar costs more than all the rest of the ingest.
 * INVARIANT: any change of a principal, a department or a dataset forgets every decision.
 */
export declare class PublishDecisions implements OnModuleInit {
    private readonly decisions;
    private readonly principals;
    private readonly datasets;
    private readonly remembered;
    constructor(decisions: Decisions, principals: Principals, datasets: Datasets);
    onModuleInit(): Promise<void>;
    /** `Forbidden` `decision.denied` with the explanation unless the caller may publish to the dataset. */
    require(caller: Caller, dataset: KnownDataset): void;
    private decide;
}
//# sourceMappingURL=publish-decisions.d.ts.map