import { Changes, Clock, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ShareDelivery } from './share-delivery';
/** Leases the subscriptions that are delivered by Kafka and delivers each. */
export declare class ShareWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly changes;
    private readonly loop;
    constructor(db: DataSource, changes: Changes, delivery: ShareDelivery, clock: Clock, logger: Logger);
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): Promise<void>;
}
//# sourceMappingURL=share.worker.d.ts.map