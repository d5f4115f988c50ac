import { setTimeout as pause } from 'node:timers/promises';
import type { RunningCity } from '../running-city';
import type { Inbox } from './consumers';
import { query } from './database';

type Range = { first: string; last: string };
type Watched = { subscriptionId: string; inbox: Inbox; seen: number };

/** Looks all the time whether what a consumer holds already has its disclosure committed (P3). */
export class DisclosureWatch {
  /** Records that were held by a consumer before their disclosure was in the database. */
  uncovered = 0;
  looks = 0;
  private readonly watched: Watched[];
  private isOver = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly city: RunningCity,
    consumers: { subscriptionId: string; inbox: Inbox }[],
  ) {
    this.watched = consumers.map((one) => ({ ...one, seen: 0 }));
  }

  async run(): Promise<void> {
    while (!this.isOver) {
      // While PostgreSQL is away it is looked later: what arrived meanwhile is looked at all the same.
      await this.look().catch(() => undefined);
      await pause(500);
    }
  }

  stop(): void {
    this.isOver = true;
  }

  /** What arrived so far must be covered now. */
  look(): Promise<void> {
    const next = this.looking.then(() => this.lookAtAll());
    this.looking = next.catch(() => undefined);
    return next;
  }

  private async lookAtAll(): Promise<void> {
    for (const one of this.watched) {
      const fresh = [...one.inbox.received.keys()].slice(one.seen).map(Number);
      if (fresh.length === 0) continue;
      const ranges = await query<Range>(
        this.city,
        `SELECT first_position AS first, last_position AS last FROM disclosures
          WHERE subscription_id = $1 AND last_position >= $2`,
        [one.subscriptionId, Math.min(...fresh)],
      );
      const isCovered = (at: number): boolean =>
        ranges.some(({ first, last }) => Number(first) <= at && at <= Number(last));
      this.uncovered += fresh.filter((at) => !isCovered(at)).length;
      one.seen += fresh.length;
      this.looks += 1;
    }
  }
}
