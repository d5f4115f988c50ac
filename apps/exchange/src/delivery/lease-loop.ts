import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type DeliveryMode, Unavailable } from '@govbus/contracts';
import { type Changes, type Clock, type Logger, REGISTRY_CHANGED } from '@govbus/platform';
import type { DataSource } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { LEDGER_GREW } from '../ledger/ledger-writer';
import { anything, forgetDenials, type Leased, lease, leaseMs, release, SUBSCRIPTIONS_CHANGED } from './lease.sql';

const pollMs = 250;
/** How long what is on its way may take when the process ends, in ms; what is cut off then goes out again elsewhere. */
const drainMs = 6_000;
/** After a fault of ours a lease is given back in so many ms, twice as many after each further one, up to the longest. */
const [firstWaitMs, longestWaitMs] = [1_000, 15_000];

type Running = { agreementId: string; department?: string; stop: AbortController; done: Promise<void> };
type Leasing = {
  mode: DeliveryMode;
  /** Most deliveries of this process at once. */
  maxAtOnce: number;
  /** Most of them to one department, so that those that hang leave places for others; without it, all. */
  maxOfDepartment?: number;
  /** Delivers one subscription, leased under the token `owner`, until `stop` or `isStopping` says so, or nothing is left. */
  run: (owner: string, subscriptionId: string, stop: AbortSignal, isStopping: () => boolean) => Promise<void>;
};

/**
 * Leases the subscriptions of one mode and delivers each on its own (P6). Woken when the ledger grows or a subscription
 * changes, and every 250 ms for retries that are due and for what another process left behind.
 */
export class LeaseLoop {
  private readonly running = new Map<string, Running>();
  /** What takes no place: what somebody asked for, what waits after a fault of ours, and what outlived its lease. */
  private readonly aside = new Set<Running>();
  /** How long each waits whose last delivery broke off by a fault of ours. */
  private readonly waits = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private leasing: Promise<void> | undefined;
  /** Who changed in the registry and was not looked at yet. */
  private readonly changed = new Set<string>();
  private retrying: Promise<void> | undefined;
  private readonly ending = new AbortController();

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
    await changes.on(
      REGISTRY_CHANGED,
      (what) => this.retry(what),
      () => this.retry(anything),
    );
    this.timer = setInterval(() => {
      this.wake();
      this.retry();
    }, pollMs);
  }

  /** Leases nothing more, and ends when what is running has ended and its leases are given back. */
  async stop(): Promise<void> {
    this.ending.abort();
    clearInterval(this.timer);
    await Promise.all([this.leasing, this.retrying]);
    const late = setTimeout(() => this.cut(() => true), drainMs);
    await Promise.all(this.everything().map(({ done }) => done));
    clearTimeout(late);
  }

  /**
   * Runs one delivery that was asked for; it is cut off like the others when the agreement changes (P5). How many there
   * are at once is bounded by whoever asks.
   *
   * Errors: `Unavailable` `delivery.stopping` when the process is about to end.
   */
  async cutOff<T>(agreementId: string, run: (stop: AbortSignal) => Promise<T>): Promise<T> {
    if (this.isStopping)
      throw new Unavailable('delivery.stopping', 'this process is about to end', { retryAfterSeconds: 1 });
    const stop = new AbortController();
    const result = run(stop.signal);
    const done = result.then(
      () => undefined,
      () => undefined,
    );
    const running = { agreementId, stop, done };
    this.aside.add(running);
    try {
      return await result;
    } finally {
      this.aside.delete(running);
    }
  }

  private everything(): Running[] {
    return [...this.running.values(), ...this.aside];
  }

  private get isStopping(): boolean {
    return this.ending.signal.aborted;
  }

  wake(): void {
    if (this.isStopping || this.leasing || this.running.size >= this.options.maxAtOnce) return;
    this.leasing = this.leaseDue()
      .catch((err: unknown) => this.logger.error({ err, mode: this.options.mode }, 'subscriptions not leased'))
      .finally(() => (this.leasing = undefined));
  }

  // `resync`: a change may have been missed while the listening connection was away.
  private cut(isMeant: (running: Running) => boolean): void {
    for (const running of this.everything()) if (isMeant(running)) running.stop.abort();
    this.wake();
  }

  // What was denied because of somebody's suspension would wait for long: nothing else says that it is over.
  private retry(what?: string): void {
    if (what !== undefined) this.changed.add(what);
    if (this.changed.size === 0) return;
    this.retrying ??= this.retryDenied()
      .catch((err: unknown) => this.logger.warn({ err, mode: this.options.mode }, 'denied deliveries not tried anew'))
      .finally(() => (this.retrying = undefined));
  }

  private async retryDenied(): Promise<void> {
    while (this.changed.size > 0) {
      const changed = [...this.changed];
      this.changed.clear();
      try {
        await forgetDenials(this.options.mode, changed, this.db.manager);
      } catch (error) {
        for (const what of changed) this.changed.add(what);
        throw error;
      }
    }
    this.wake();
  }

  private async leaseDue(): Promise<void> {
    const { mode } = this.options;
    for (let isMore = true; isMore && !this.isStopping;) {
      const { free, limit, full } = this.room();
      // Of this round alone: what this process leases again later is not held, renewed or given back by who lost it.
      const owner = randomUUID();
      const leased = await lease({ mode, owner, limit, full }, this.clock.now(), this.db.manager);
      for (const subscription of leased) this.begin(owner, subscription);
      isMore = leased.length === limit && limit < free;
    }
  }

  // So many at a time that no department gets more than its places, were all of them its own.
  private room(): { free: number; limit: number; full: string[] } {
    const { maxAtOnce, maxOfDepartment = maxAtOnce } = this.options;
    const counts = new Map<string, number>();
    for (const { department } of this.running.values())
      if (department !== undefined) counts.set(department, (counts.get(department) ?? 0) + 1);
    const full = [...counts.keys()].filter((department) => (counts.get(department) ?? 0) >= maxOfDepartment);
    const most = Math.max(0, ...[...counts.values()].filter((count) => count < maxOfDepartment));
    const free = maxAtOnce - this.running.size;
    return { free, limit: Math.min(free, maxOfDepartment - most), full };
  }

  private begin(owner: string, { subscriptionId, agreementId, department }: Leased): void {
    // Its lease is over and its end was not told yet: until then it is cut off and waited for like the others.
    const former = this.running.get(subscriptionId);
    if (former) this.aside.add(former);
    const stop = new AbortController();
    const running: Running = { agreementId, department, stop, done: Promise.resolve() };
    this.running.set(subscriptionId, running);
    // Leased again meanwhile, the place is another's, who must stay to be cut off.
    const freePlace = (): void => {
      if (this.running.get(subscriptionId) === running) this.running.delete(subscriptionId);
      this.wake();
    };
    const leavePlace = (): void => {
      this.aside.add(running);
      freePlace();
    };
    running.done = this.deliver(owner, subscriptionId, stop.signal, leavePlace).finally(() => {
      this.aside.delete(running);
      freePlace();
    });
  }

  private async deliver(
    owner: string,
    subscriptionId: string,
    stop: AbortSignal,
    leavePlace: () => void,
  ): Promise<void> {
    try {
      await this.options.run(owner, subscriptionId, stop, () => this.isStopping);
      this.waits.delete(subscriptionId);
    } catch (err) {
      // While it waits nothing goes out: others may have its place.
      leavePlace();
      this.logger.error({ err, subscriptionId }, 'delivery failed');
      const waitMs = Math.min((this.waits.get(subscriptionId) ?? firstWaitMs / 2) * 2, longestWaitMs);
      this.waits.set(subscriptionId, waitMs);
      await pause(waitMs, undefined, { signal: AbortSignal.any([stop, this.ending.signal]) }).catch(() => undefined);
    }
    await this.giveBack(owner, subscriptionId);
  }

  // A database that was away for a moment must not cost the rest of the lease; after that it has ended by itself.
  private async giveBack(owner: string, subscriptionId: string): Promise<void> {
    const end = performance.now() + leaseMs;
    for (;;)
      try {
        return await release(owner, subscriptionId, this.clock.now(), this.db.manager);
      } catch (err) {
        this.logger.warn({ err, subscriptionId }, 'lease not given back');
        if (this.isStopping || performance.now() > end) return;
        await pause(firstWaitMs);
      }
  }
}
