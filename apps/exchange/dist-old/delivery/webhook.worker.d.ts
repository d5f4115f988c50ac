import { Changes, Clock, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WebhookDelivery } from './webhook-delivery';
/** Leases webhook subscriptions and delivers each. */
export declare class WebhookWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly changes;
    private readonly loop;
    constructor(db: DataSource, changes: Changes, delivery: WebhookDelivery, clock: Clock, logger: Logger);
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): Promise<void>;
    /** One delivery that was asked for, cut off when the agreement changes; see `LeaseLoop.cutOff`. */
    cutOff<T>(agreementId: string, run: (stop: AbortSignal) => Promise<T>): Promise<T>;
}
//# sourceMappingURL=webhook.worker.d.ts.map