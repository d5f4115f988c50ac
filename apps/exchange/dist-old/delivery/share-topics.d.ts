import { Changes, Clock, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../app.config';
/** Makes the topics of new subscriptions and removes those of deleted ones, however long Kafka is away. */
export declare class ShareTopics implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly db;
    private readonly changes;
    private readonly clock;
    private readonly config;
    private readonly logger;
    private timer;
    private working;
    private isStopping;
    constructor(db: DataSource, changes: Changes, clock: Clock, config: AppConfig, logger: Logger);
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): Promise<void>;
    private wake;
    private work;
    private attempt;
    private create;
    private remove;
}
//# sourceMappingURL=share-topics.d.ts.map