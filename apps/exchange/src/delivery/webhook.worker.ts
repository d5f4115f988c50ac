import { randomUUID } from 'node:crypto';
import { Unavailable } from '@govbus/contracts';
import { Changes, Clock, LOGGER, type Logger } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { LEDGER_GREW } from '../ledger/ledger-writer';
import { type Leased, lease, release } from './webhook.sql';
import { WebhookDelivery } from './webhook-delivery';

const pollMs = 250;
const maxAtOnce = 200;

type Running = { agreementId: string; stop: AbortController; done: Promise<void> };

/**
 * Leases webhook subscriptions and delivers each on its own (P6). Woken when the ledger grows, and every 250 ms for
 * retries that are due and for what another process left behind.
 */
@Injectable()
export class WebhookWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly owner = randomUUID();
  private readonly running = new Map<string, Running>();
  private timer: NodeJS.Timeout | undefined;
  private leasing: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    private readonly delivery: WebhookDelivery,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.changes.on(LEDGER_GREW, () => this.wake());
    // What is on its way under the agreement is cut off; if the agreement still stands the page goes out again (P5).
    await this.changes.on(AGREEMENTS_CHANGED, (agreementId) => {
      for (const running of this.running.values()) if (running.agreementId === agreementId) running.stop.abort();
      this.wake();
    });
    this.timer = setInterval(() => this.wake(), pollMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.leasing;
    await Promise.all([...this.running.values()].map(({ done }) => done));
  }

  /**
   * Runs one delivery that was asked for; it is cut off like the others when the agreement changes (P5).
   *
   * Errors: `Unavailable` `delivery.stopping` when the process is about to end.
   */
  async cutOff<T>(agreementId: string, run: (stop: AbortSignal) => Promise<T>): Promise<T> {
    if (this.isStopping)
      throw new Unavailable('delivery.stopping', 'this process is about to end', { retryAfterSeconds: 1 });
    const [key, stop] = [randomUUID(), new AbortController()];
    const result = run(stop.signal);
    const done = result.then(
      () => undefined,
      () => undefined,
    );
    this.running.set(key, { agreementId, stop, done });
    try {
      return await result;
    } finally {
      this.running.delete(key);
    }
  }

  private wake(): void {
    if (this.isStopping || this.leasing || this.running.size >= maxAtOnce) return;
    this.leasing = this.leaseDue()
      .catch((err: unknown) => this.logger.error({ err }, 'webhooks not leased'))
      .finally(() => (this.leasing = undefined));
  }

  private async leaseDue(): Promise<void> {
    const free = maxAtOnce - this.running.size;
    const leased = await lease(this.owner, this.clock.now(), free, this.db.manager);
    for (const subscription of leased) this.start(subscription);
  }

  private start({ subscriptionId, agreementId }: Leased): void {
    const stop = new AbortController();
    const done = this.delivery
      .run(this.owner, subscriptionId, stop.signal, () => this.isStopping)
      .then(() => release(this.owner, subscriptionId, this.db.manager))
      .catch((err: unknown) => this.logger.error({ err, subscriptionId }, 'webhook delivery failed'))
      .finally(() => {
        this.running.delete(subscriptionId);
        this.wake();
      });
    this.running.set(subscriptionId, { agreementId, stop, done });
  }
}
