import { type Logger, Principals } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
import { InboxIntake } from './inbox-intake';
/**
 * Gives every system of the registry its topics `inbox.<system>` and `inbox.<system>.rejected` and reads the first.
 * A system that the registry tells of later needs no restart. Each has one partition: its events keep their order.
 */
export declare class InboxWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly config;
    private readonly db;
    private readonly principals;
    private readonly logger;
    private readonly reader;
    private looking;
    private isAskedAgain;
    private stopped;
    private timer;
    constructor(config: AppConfig, db: DataSource, principals: Principals, logger: Logger, intake: InboxIntake);
    onApplicationBootstrap(): void;
    beforeApplicationShutdown(): Promise<void>;
    private look;
    private untilFollowed;
    private follow;
    private make;
}
//# sourceMappingURL=inbox.worker.d.ts.map