import { type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../app.config';
import type { Subscription } from '../subscriptions/subscription.entity';
import type { Disclosed } from './disclosure';
/**
 * Sends committed pages to the topics of their subscriptions.
 *
 * A send fails for all that go together in it: subscriptions whose last attempt failed go through a producer of their
 * own until one succeeds, so that a topic that is broken or gone delays nobody else (P6).
 */
export declare class ShareSender implements OnApplicationShutdown {
    private readonly healthy;
    private readonly doubtful;
    constructor({ brokers }: AppConfig);
    onApplicationShutdown(): Promise<void>;
    /**
     * Resolves when Kafka has acknowledged the page.
     *
     * Errors: `Unavailable` `bus.withdrawn` when `stop` came first, `bus.unavailable`, `bus.busy`.
     */
    send({ subscriptionId, failures }: Subscription, page: Disclosed, stop: AbortSignal): Promise<void>;
}
//# sourceMappingURL=share-sender.d.ts.map