import { AgreementCopy } from './agreements/agreement.entity';
import { DatasetCopy } from './datasets/dataset.entity';
import { ExportJob } from './exports/export-job.entity';
import { CreateCopies1796000000000 } from './migrations/1796000000000-create-copies';
import { Subscription } from './subscriptions/subscription.entity';
export declare const entities: (typeof AgreementCopy | typeof DatasetCopy | typeof ExportJob | typeof Subscription)[];
export declare const migrations: (typeof CreateCopies1796000000000)[];
//# sourceMappingURL=data-source.d.ts.map