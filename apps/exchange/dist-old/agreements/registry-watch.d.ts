import { KafkaBatchServer } from '@govbus/messaging';
import { type Logger } from '@govbus/platform';
import { type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
/**
 * Keeps in the database since when the copies of the registries are known to be whole, for all processes of the
 * exchange: a reader of Kafka that has died, or Kafka itself being away, must not let a revoked agreement go on.
 */
export declare class RegistryWatch implements OnModuleInit {
    private readonly db;
    private readonly server;
    private readonly logger;
    private writing;
    constructor(db: DataSource, server: KafkaBatchServer, logger: Logger);
    onModuleInit(): void;
    /**
     * Errors: `Unavailable` `registry.stale` when the newest decisions may not have arrived here.
     *
     * Shape: the database's clock alone is asked, at both ends.
     */
    requireFresh(tx: EntityManager): Promise<void>;
    private note;
}
//# sourceMappingURL=registry-watch.d.ts.map