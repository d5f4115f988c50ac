import { type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LedgerPeriods } from '../ledger/ledger-periods';
import { Retention } from './retention';
/** Every ten minutes: makes the partition of the month to come, and removes what is over. */
export declare class RetentionWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly periods;
    private readonly retention;
    private readonly logger;
    private timer;
    private running;
    private isStopping;
    constructor(periods: LedgerPeriods, retention: Retention, logger: Logger);
    onApplicationBootstrap(): void;
    beforeApplicationShutdown(): Promise<void>;
    private tick;
    private work;
}
//# sourceMappingURL=retention.worker.d.ts.map