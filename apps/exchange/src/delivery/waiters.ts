import { Unavailable } from '@govbus/contracts';
import { Changes } from '@govbus/platform';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { LEDGER_GREW } from '../ledger/ledger-writer';

/** Most requests of one process that may wait at once, most of them of one department, and for one subscription. */
const maxWaiting = 5_000;
const maxOfDepartment = 1_000;
const maxForOne = 16;

type Subject = { subscriptionId: string; datasetId: string; agreementId: string; consumerDepartment: string };

/** One request that waits. What happens between two calls of `next` is not lost: the second answers at once. */
export class Waiter {
  private isWoken = false;
  private isClosed = false;
  private resolve: (() => void) | undefined;

  constructor(
    readonly about: Subject,
    private readonly forget: (waiter: Waiter) => void,
  ) {}

  /** Whether the client has gone or the process ends: nothing more is to be waited for. */
  get isOver(): boolean {
    return this.isClosed;
  }

  /** Resolves when there may be something to see (true), when it is over, or after `timeoutMs`. */
  async next(timeoutMs: number): Promise<boolean> {
    if (!this.isWoken && !this.isClosed)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    const { isWoken } = this;
    this.resolve = undefined;
    this.isWoken = false;
    return isWoken;
  }

  wake(): void {
    this.isWoken = true;
    this.resolve?.();
  }

  /** Ends the waiting; safe to repeat. */
  close(): void {
    this.isClosed = true;
    this.forget(this);
    this.resolve?.();
  }
}

/**
 * The requests of this process that wait for their dataset to grow: one listener, which wakes those it is about. A
 * change of an agreement wakes those under it, so that they are decided anew at once (P5).
 */
@Injectable()
export class Waiters implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly waiting = new Set<Waiter>();
  private readonly byDataset = new Map<string, Set<Waiter>>();
  private readonly byDepartment = new Map<string, Set<Waiter>>();
  private isStopping = false;

  constructor(private readonly changes: Changes) {}

  async onApplicationBootstrap(): Promise<void> {
    const wakeAll = (): void => this.waiting.forEach((waiter) => waiter.wake());
    await this.changes.on(
      LEDGER_GREW,
      (datasetId) => this.byDataset.get(datasetId)?.forEach((waiter) => waiter.wake()),
      wakeAll,
    );
    await this.changes.on(AGREEMENTS_CHANGED, (agreementId) => {
      for (const waiter of this.waiting) if (waiter.about.agreementId === agreementId) waiter.wake();
    });
  }

  // Before the server closes: it waits for the requests that are still open.
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    for (const waiter of this.waiting) waiter.close();
  }

  get size(): number {
    return this.waiting.size;
  }

  /**
   * A waiter for one request; whoever takes it closes it.
   *
   * Errors: `Unavailable` `delivery.busy` when too many wait here already.
   */
  open(about: Subject): Waiter {
    const { subscriptionId, datasetId, consumerDepartment } = about;
    const sameDataset = this.byDataset.get(datasetId) ?? new Set<Waiter>();
    const sameDepartment = this.byDepartment.get(consumerDepartment) ?? new Set<Waiter>();
    const forOne = [...sameDataset].filter((waiter) => waiter.about.subscriptionId === subscriptionId);
    if (this.waiting.size >= maxWaiting || sameDepartment.size >= maxOfDepartment || forOne.length >= maxForOne)
      throw new Unavailable('delivery.busy', 'too many requests wait for events already', { retryAfterSeconds: 1 });
    const waiter = new Waiter(about, (closed) => this.forget(closed));
    this.waiting.add(waiter);
    this.byDataset.set(datasetId, sameDataset.add(waiter));
    this.byDepartment.set(consumerDepartment, sameDepartment.add(waiter));
    if (this.isStopping) waiter.close();
    return waiter;
  }

  private forget(waiter: Waiter): void {
    this.waiting.delete(waiter);
    leave(this.byDataset, waiter.about.datasetId, waiter);
    leave(this.byDepartment, waiter.about.consumerDepartment, waiter);
  }
}

function leave(groups: Map<string, Set<Waiter>>, name: string, waiter: Waiter): void {
  const group = groups.get(name);
  group?.delete(waiter);
  if (group?.size === 0) groups.delete(name);
}
