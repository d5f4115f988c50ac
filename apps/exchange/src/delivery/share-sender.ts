import { Producer } from '@govbus/messaging';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../app.config';
import type { Subscription } from '../subscriptions/subscription.entity';
import type { Disclosed } from './disclosure';
import { messagesOf } from './share.rules';

// Nothing is tried again within a send: a repetition would begin after a revocation that came meanwhile (P5).
const patience = { requestTimeoutMs: 5_000, retries: 0 };

/**
 * Sends committed pages to the topics of their subscriptions.
 *
 * A send fails for all that go together in it: subscriptions whose last attempt failed go through a producer of their
 * own until one succeeds, so that a topic that is broken or gone delays nobody else (P6).
 */
@Injectable()
export class ShareSender implements OnApplicationShutdown {
  private readonly healthy: Producer;
  private readonly doubtful: Producer;

  constructor({ brokers }: AppConfig) {
    const options = { brokers, ...patience, maxBatch: 20_000, maxQueued: 100_000, maxQueuedBytes: 128 * 1024 * 1024 };
    this.healthy = new Producer({ ...options, clientId: 'exchange-share' });
    this.doubtful = new Producer({ ...options, clientId: 'exchange-share-again' });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.healthy.disconnect(), this.doubtful.disconnect()]);
  }

  /**
   * Resolves when Kafka has acknowledged the page.
   *
   * Errors: `Unavailable` `bus.withdrawn` when `stop` came first, `bus.unavailable`, `bus.busy`.
   */
  async send({ subscriptionId, failures }: Subscription, page: Disclosed, stop: AbortSignal): Promise<void> {
    const messages = messagesOf(subscriptionId, page.events, page.messageKeys);
    await (failures > 0 ? this.doubtful : this.healthy).sendAll(messages, { signal: stop });
  }
}
