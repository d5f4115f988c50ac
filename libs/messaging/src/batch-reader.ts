import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { kafkaOf } from './connection';
import { ConsumerLoop } from './consumer-loop';
import type { Log } from './log';

export type RawMessage = { offset: bigint; key: Buffer | null; value: Buffer | null; timestamp: number };
export type BatchReaderOptions = {
  brokers: string[];
  clientId: string;
  groupId: string;
  topic: string;
  log: Log;
  /** The next offset to read of a partition just assigned, from the reader's own database; undefined: the earliest. */
  startAt: (partition: number) => Promise<bigint | undefined>;
  /** Throws: the batch is tried again with back-off, never passed over. */
  onBatch: (partition: number, messages: RawMessage[]) => Promise<void>;
};

/**
 * Whole batches of one topic for a reader that keeps the offsets in its own database, in the transaction of what it
 * writes: exactly once. Kafka's group only divides the partitions; its committed offsets are a hint.
 */
export class BatchReader {
  private readonly consumer: Consumer;
  private readonly positions = new Map<number, Promise<bigint | undefined>>();
  private readonly loop: ConsumerLoop;
  private joins = 0;

  constructor(private readonly options: BatchReaderOptions) {
    const { brokers, clientId, groupId, topic, log } = options;
    this.consumer = kafkaOf(brokers, clientId).consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxBytesPerPartition: 4 * 1024 * 1024,
      maxWaitTimeInMs: 50,
    });
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      this.positions.clear();
      this.joins++;
      for (const partition of payload.memberAssignment[topic] ?? []) void this.goToStart(partition, this.joins);
    });
    this.loop = new ConsumerLoop(this.consumer, [topic], (payload) => this.onBatch(payload), log);
  }

  /** Begins in the background; goes on trying while the topic or the broker is missing. */
  start(): Promise<void> {
    this.loop.start();
    return Promise.resolve();
  }

  /** Stops after the batch being handled. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const { topic, partition } = batch;
    for (let wait = 100; !this.loop.isStopped && isRunning() && !isStale(); wait = Math.min(wait * 2, 5_000)) {
      try {
        const next = await this.positionOf(partition);
        const first = batch.messages[0];
        if (next !== undefined && first && BigInt(first.offset) > next && (await this.rewind(topic, partition, next)))
          return;
        const fresh = batch.messages
          .map(({ offset, key, value, timestamp }) => ({
            offset: BigInt(offset),
            key,
            value,
            timestamp: Number(timestamp),
          }))
          .filter(({ offset }) => next === undefined || offset >= next);
        if (fresh.length > 0) await this.options.onBatch(partition, fresh);
        const last = batch.lastOffset();
        this.positions.set(partition, Promise.resolve(BigInt(last) + 1n));
        resolveOffset(last);
        await heartbeat();
        return;
      } catch (err) {
        this.options.log('warn', { err, topic, partition }, 'batch not written');
        this.positions.delete(partition);
        await pause(wait);
        await heartbeat();
      }
    }
  }

  // At once, not with the next batch: where Kafka's hint is ahead, it may be long until one comes.
  private async goToStart(partition: number, join: number): Promise<void> {
    const { topic, log } = this.options;
    for (let wait = 100; join === this.joins && !this.loop.isStopped; wait = Math.min(wait * 2, 5_000)) {
      try {
        const next = await this.positionOf(partition);
        if (next !== undefined && join === this.joins && !this.loop.isStopped)
          this.consumer.seek({ topic, partition, offset: String(next) });
        return;
      } catch (err) {
        log('warn', { err, topic, partition }, 'no position yet');
        this.positions.delete(partition);
        await pause(wait);
      }
    }
  }

  private positionOf(partition: number): Promise<bigint | undefined> {
    const known = this.positions.get(partition);
    if (known) return known;
    const asked = this.options.startAt(partition);
    this.positions.set(partition, asked);
    return asked;
  }

  private readonly rewound = new Map<number, bigint>();
  // Kafka's hint is ahead of the database: go back. Once for each place, since what was deleted by retention is gone.
  private rewind(topic: string, partition: number, next: bigint): Promise<boolean> {
    if (this.rewound.get(partition) === next) return Promise.resolve(false);
    this.rewound.set(partition, next);
    this.consumer.seek({ topic, partition, offset: String(next) });
    return Promise.resolve(true);
  }
}
