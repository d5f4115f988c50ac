import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { kafkaOf } from './connection';
import type { Log } from './log';

/** Called with the topics that their group has handled to the ends, and when that was so (`performance.now()`). */
export type CaughtUpListener = (topics: string[], at: number) => void;
type CaughtUpOptions = { brokers: string[]; clientId: string; groupId: string; log: Log };

const askEveryMs = 250;
const maxAtOnce = 4;

/**
 * Knows when a consumer group has handled everything that its topics held: whoever must not act on old knowledge asks.
 *
 * Shape: asks the leaders where their partitions end, and what the group has committed, which it does behind what is
 * handled. What kafkajs tells of its fetches is no answer: it tells of those that failed as well, and of brokers that lead
 * nothing. A leader that does not answer makes nothing known; a broker that leads nothing does not matter.
 */
export class CaughtUp {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private isAway = false;

  constructor(private readonly options: CaughtUpOptions) {}

  /** Begins in the background. */
  start(topics: string[], listener: CaughtUpListener): void {
    this.running ??= this.watch(topics, listener);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async watch(topics: string[], listener: CaughtUpListener): Promise<void> {
    const { brokers, clientId, log } = this.options;
    while (!this.isStopped) {
      // Anew after each failure: leaders and coordinator may be others by then.
      const admin = kafkaOf(brokers, clientId, { requestTimeoutMs: 3_000, retries: 2 }).admin();
      const going = new Set<Promise<void>>();
      try {
        await admin.connect();
        await this.ask(admin, topics, listener, going);
      } catch (err) {
        if (!this.isAway) log('warn', { err, topics }, 'not known whether everything is handled');
        this.isAway = true;
      } finally {
        await admin.disconnect().catch(() => undefined);
        // One on its way may connect anew meanwhile; nobody waits for it.
        void Promise.all(going).then(() => admin.disconnect().catch(() => undefined));
      }
      await this.rest();
    }
  }

  // The next are asked before the last have answered: each takes several turns of an event loop that may be busy.
  private async ask(
    admin: Admin,
    topics: string[],
    listener: CaughtUpListener,
    going: Set<Promise<void>>,
  ): Promise<void> {
    let failure: Error | undefined;
    while (!this.isStopped && !failure) {
      if (going.size < maxAtOnce) {
        const one = this.askOnce(admin, topics, listener)
          .catch((error: Error) => void (failure = error))
          .finally(() => going.delete(one));
        going.add(one);
      }
      await this.rest();
    }
    if (failure) throw failure;
  }

  private async askOnce(admin: Admin, topics: string[], listener: CaughtUpListener): Promise<void> {
    const at = performance.now();
    // At once, and not one after the other: what was committed up to an end that is no older than `at` is enough.
    const [committed, ends] = await Promise.all([
      admin.fetchOffsets({ groupId: this.options.groupId, topics }),
      Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic))),
    ]);
    const places = new Map(
      committed.map(({ topic, partitions }) => [
        topic,
        new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)])),
      ]),
    );
    const handled: string[] = [];
    for (const [i, topic] of topics.entries()) {
      const [known, next] = [ends[i] ?? [], places.get(topic)];
      if (!isHandled(known, next)) continue;
      // More has come and was handled meanwhile, or else Kafka has lost what was there.
      if (!endsBefore(known, next) || !endsBefore(await admin.fetchTopicOffsets(topic), next)) handled.push(topic);
    }
    this.isAway = false;
    if (handled.length > 0 && !this.isStopped) listener(handled, at);
  }

  private async rest(): Promise<void> {
    await pause(askEveryMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

type End = { partition: number; low: string; high: string };
/** Of each partition the next offset that the group has not handled, as far as it has committed one. */
type Next = ReadonlyMap<number, bigint> | undefined;

const isHandled = (ends: End[], next: Next): boolean =>
  ends.length > 0 &&
  ends.every(({ partition, low, high }) => low === high || (next?.get(partition) ?? -1n) >= BigInt(high));
const endsBefore = (ends: End[], next: Next): boolean =>
  ends.some(({ partition, high }) => (next?.get(partition) ?? -1n) > BigInt(high));
