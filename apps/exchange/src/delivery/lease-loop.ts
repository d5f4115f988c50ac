import { randomUUID } from 'node:crypto';
import { type DeliveryMode, Unavailable } from '@govbus/contracts';
import type { Changes, Clock, Logger } from '@govbus/platform';
import type { DataSource } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { LEDGER_GREW } from '../ledger/ledger-writer';
import { type Leased, lease, release, SUBSCRIPTIONS_CHANGED } from './lease.sql';

const pollMs = 250;
/** How long what is on its way may take when the process ends, in ms; what is cut off then goes out again elsewhere. */
const drainMs = 6_000;

type Running = { agreementId: string; stop: AbortController; done: Promise<void> };
type Leasing = {
  mode: DeliveryMode;
  /** Most deliveries of this process at once. */
  maxAtOnce: number;
  /** Delivers one leased subscription until `stop` or `isStopping` says so, or nothing is left. */
  run: (owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean) => Promise<void>;
};

/**
 * Leases the subscriptions of one mode and delivers each on its own (P6). Woken when the ledger grows or a subscription
 * changes, and every 250 ms for retries that are due and for what another process left behind.
 */
export class LeaseLoop {
  private readonly owner = randomUUID();
  private readonly running = new Map<string, Running>();
  private timer: NodeJS.Timeout | undefined;
  private leasing: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: Leasing,
  ) {}

  async start(changes: Changes): Promise<void> {
    await changes.on(LEDGER_GREW, () => this.wake());
    await changes.on(SUBSCRIPTIONS_CHANGED, () => this.wake());
    // What is on its way under the agreement is cut off; if the agreement still stands the page goes out again (P5).
    await changes.on(
      AGREEMENTS_CHANGED,
      (agreementId) => this.cut((running) => running.agreementId === agreementId),
      () => this.cut(() => true),
    );
    this.timer = setInterval(() => this.wake(), pollMs);
  }

  /** Leases nothing more, and ends when what is running has ended and its leases are given back. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.leasing;
    const late = setTimeout(() => this.cut(() => true), drainMs);
    await Promise.all([...this.running.values()].map(({ done }) => done));
    clearTimeout(late);
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

  wake(): void {
    if (this.isStopping || this.leasing || this.running.size >= this.options.maxAtOnce) return;
    this.leasing = this.leaseDue()
      .catch((err: unknown) => this.logger.error({ err, mode: this.options.mode }, 'subscriptions not leased'))
      .finally(() => (this.leasing = undefined));
  }

  // `resync`: a change may have been missed while the listening connection was away.
  private cut(isMeant: (running: Running) => boolean): void {
    for (const running of this.running.values()) if (isMeant(running)) running.stop.abort();
    this.wake();
  }

  private async leaseDue(): Promise<void> {
    const free = this.options.maxAtOnce - this.running.size;
    const leased = await lease(this.options.mode, this.owner, this.clock.now(), free, this.db.manager);
    for (const subscription of leased) this.begin(subscription);
  }

  private begin({ subscriptionId, agreementId }: Leased): void {
    const stop = new AbortController();
    const running: Running = { agreementId, stop, done: Promise.resolve() };
    this.running.set(subscriptionId, running);
    running.done = this.options
      .run(this.owner, subscriptionId, stop.signal, () => this.isStopping)
      .then(() => release(this.owner, subscriptionId, this.db.manager))
      .catch((err: unknown) => this.logger.error({ err, subscriptionId }, 'delivery failed'))
      .finally(() => {
        // Given back, it may be leased again before this is told: then the place is another's, who must stay to be cut off.
        if (this.running.get(subscriptionId) === running) this.running.delete(subscriptionId);
        this.wake();
      });
  }
}
