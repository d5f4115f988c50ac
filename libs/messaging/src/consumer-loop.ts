import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchHandler } from 'kafkajs';
import type { Log } from './log';

const restartMs = 1_000;

/**
 * Keeps a consumer at work: goes on trying while topics or brokers are missing, and begins again after a crash that
 * kafkajs itself does not come back from. A consumer that rests unnoticed would hold up everything for ever.
 */
export class ConsumerLoop {
  private stopped = false;
  private starting: Promise<void> | undefined;

  constructor(
    private readonly consumer: Consumer,
    private topics: string[],
    private readonly eachBatch: EachBatchHandler,
    private readonly log: Log,
    private readonly partitionsAtOnce = 1,
  ) {
    consumer.on(consumer.events.CRASH, ({ payload: { error: err } }) => {
      if (this.stopped) return;
      log('error', { err, topics: this.topics }, 'consumer crashed');
      // Not at once: what crashes it may be the next message again.
      void this.inTurn(() => pause(restartMs).then(() => this.untilStarted()));
    });
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** Begins in the background. */
  start(): void {
    if (!this.starting) void this.inTurn(() => this.untilStarted());
  }

  /** Stops after what is being handled. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.starting;
    await this.consumer.disconnect();
  }

  /** Leaves the group and joins it anew, for these topics. */
  restart(topics?: string[]): Promise<void> {
    return this.inTurn(() => {
      this.topics = topics ?? this.topics;
      return this.untilStarted();
    });
  }

  // Two at once would each stop what the other begins.
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.starting = (this.starting ?? Promise.resolve()).then(work);
    return this.starting;
  }

  private async untilStarted(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.consumer.stop();
        await this.consumer.connect();
        await this.consumer.subscribe({ topics: this.topics, fromBeginning: true });
        await this.consumer.run({
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: this.partitionsAtOnce,
          eachBatch: this.eachBatch,
        });
        return;
      } catch (err) {
        this.log('warn', { err, topics: this.topics }, 'cannot consume yet');
        await pause(restartMs);
      }
    }
  }
}
