import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import { kafkaOf, memberOptions } from './connection';
import { ConsumerLoop } from './consumer-loop';
import type { Log } from './log';
import { topicRanges } from './topic-ranges';

export type RawMessage = { offset: bigint; key: Buffer | null; value: Buffer | null; timestamp: number };
export type BatchReaderOptions = {
  brokers: string[];
  clientId: string;
  groupId: string;
  topic: string;
  log: Log;
  /**
   * The next offset to read of a partition just assigned, from the reader's own database; undefined: what this reader has not
   * handled yet, from the earliest on.
   */
  startAt: (partition: number) => Promise<bigint | undefined>;
  /** How often it is looked whether every partition moves, in ms. */
  watchMs?: number;
  /** Batches of so many partitions are handled at once; each partition's own keep their order. */
  partitionsAtOnce?: number;
  /**
   * Throws: the batch is tried again with back-off, never passed over. `written` is the offset behind the last message that
   * this reader has written itself; when its database holds a lower one, it MUST throw `SteppedBack`.
   */
  onBatch: (partition: number, messages: RawMessage[], written?: bigint) => Promise<void>;
  /**
   * The partition ends before what was read of it: Kafka lost its data or the topic was made anew. Before all that is
   * there is handed over from its beginning, the reader's own database MUST forget its offset, if that decides there what
   * is written already. Throws: tried again, like a batch.
   */
  onTopicAnew?: (partition: number) => Promise<void>;
};

/** The database holds less than was written into it: it is another one, or came back from a copy that lagged. */
export class SteppedBack extends Error {
  constructor() {
    super('the database has stepped back behind what was written');
  }
}

// As Kafka names the first message that is there.
const earliest = '-2';

/**
 * Whole batches of one topic for a reader that keeps the offsets in its own database, in the transaction of what it
 * writes: exactly once. Kafka's group only divides the partitions; its committed offsets are a hint.
 */
export class BatchReader {
  private readonly consumer: Consumer;
  private readonly positions = new Map<number, Promise<bigint | undefined>>();
  /** What this reader has handled itself, for whoever keeps no offsets. */
  private readonly handled = new Map<number, bigint>();
  /** Behind the last message that was written since the group was joined. */
  private readonly written = new Map<number, bigint>();
  /** Partitions whose reading was sent to where it begins. */
  private readonly begun = new Set<number>();
  private readonly loop: ConsumerLoop;
  private readonly admin: Admin;
  private readonly atWork = new Set<number>();
  private assigned: number[] = [];
  private joins = 0;
  private watching: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly options: BatchReaderOptions) {
    const { brokers, clientId, groupId, topic, log, partitionsAtOnce } = options;
    const kafka = kafkaOf(brokers, clientId);
    this.admin = kafka.admin({ retry: { retries: 2 } });
    this.consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxBytesPerPartition: 2 * 1024 * 1024,
      // The broker answers when so much has gathered or the time is over: small batches cost more than they are worth.
      minBytes: 64 * 1024,
      maxWaitTimeInMs: 50,
      ...memberOptions,
    });
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      this.positions.clear();
      this.written.clear();
      this.begun.clear();
      this.rewound.clear();
      this.joins++;
      this.assigned = payload.memberAssignment[topic] ?? [];
      for (const partition of this.assigned) void this.goToStart(partition, this.joins);
    });
    this.loop = new ConsumerLoop(this.consumer, [topic], (payload) => this.onBatch(payload), log, partitionsAtOnce);
  }

  /** Begins in the background; goes on trying while the topic or the broker is missing. */
  start(): Promise<void> {
    this.loop.start();
    this.watching ??= this.watch();
    return Promise.resolve();
  }

  /** Stops after the batch being handled. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop.stop();
    await this.watching;
    await this.admin.disconnect();
  }

  /** Whether it belongs to the group, whose partitions may all be with others. */
  get isMember(): boolean {
    return this.joins > 0;
  }

  /** How many messages of each partition read here are not handled yet. Errors: rejects when no broker answers. */
  async lag(): Promise<Map<number, number>> {
    await this.admin.connect();
    const found = new Map<number, number>();
    for (const { partition, low, high } of await this.admin.fetchTopicOffsets(this.options.topic)) {
      if (!this.assigned.includes(partition)) continue;
      const next = (await this.positionOf(partition)) ?? 0n;
      const behind = BigInt(high) - (next > BigInt(low) ? next : BigInt(low));
      found.set(partition, Math.max(0, Number(behind)));
    }
    return found;
  }

  // A client that no longer fetches one of its partitions would leave it unread for ever, and nobody would know.
  private async watch(): Promise<void> {
    const { topic, log, watchMs = 15_000 } = this.options;
    let before = new Map<number, bigint>();
    while (!this.stopping.signal.aborted) {
      await pause(watchMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      try {
        const behind = await this.behind();
        const stuck = [...behind].filter(([at, next]) => before.get(at) === next && !this.atWork.has(at));
        before = behind;
        if (stuck.length === 0) continue;
        log('error', { topic, partitions: stuck.map(([partition]) => partition) }, 'reader stands still, begins again');
        before = new Map();
        await this.loop.restart();
      } catch (err) {
        log('warn', { err, topic }, 'reader not looked after');
      }
    }
  }

  // The next offset of each of our partitions that holds more than we have read.
  private async behind(): Promise<Map<number, bigint>> {
    await this.admin.connect();
    const offsets = await this.admin.fetchTopicOffsets(this.options.topic);
    const found = new Map<number, bigint>();
    for (const { partition, low, high } of offsets) {
      if (!this.assigned.includes(partition)) continue;
      const next = (await this.startOf(partition)) ?? 0n;
      if (BigInt(high) > next && BigInt(high) > BigInt(low)) found.set(partition, next);
    }
    return found;
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { partition } = payload.batch;
    this.atWork.add(partition);
    try {
      await this.untilWritten(payload);
    } finally {
      this.atWork.delete(partition);
    }
  }

  private async untilWritten(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const { topic, partition } = batch;
    for (let wait = 100; !this.loop.isStopped && isRunning() && !isStale(); wait = Math.min(wait * 2, 2_000)) {
      try {
        await this.begin(partition, this.joins);
        const next = await this.positionOf(partition);
        // Fetched before it was known where reading begins, or that another join came.
        if (!this.begun.has(partition) || isStale()) return;
        if (next !== undefined && BigInt(batch.highWatermark) < next && (await this.endsBefore(partition, next)))
          return await this.beginAnew(partition, next);
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
        await this.write(partition, fresh);
        const last = batch.lastOffset();
        this.positions.set(partition, Promise.resolve(BigInt(last) + 1n));
        this.handled.set(partition, BigInt(last) + 1n);
        resolveOffset(last);
        await heartbeat();
        return;
      } catch (err) {
        this.options.log('warn', { err, topic, partition }, 'batch not written');
        this.positions.delete(partition);
        if (err instanceof SteppedBack) this.forget(partition);
        await pause(wait);
        await heartbeat();
      }
    }
  }

  private async write(partition: number, messages: RawMessage[]): Promise<void> {
    const last = messages.at(-1);
    if (!last) return;
    await this.options.onBatch(partition, messages, this.written.get(partition));
    this.written.set(partition, last.offset + 1n);
  }

  // Reading begins again where the database says, or at the earliest where it knows nothing.
  private forget(partition: number): void {
    this.written.delete(partition);
    this.handled.delete(partition);
    this.begun.delete(partition);
  }

  // At once, not with the next batch: where Kafka's hint is ahead, it may be long until one comes.
  private async goToStart(partition: number, join: number): Promise<void> {
    const { topic, log } = this.options;
    for (let wait = 100; join === this.joins && !this.loop.isStopped; wait = Math.min(wait * 2, 5_000)) {
      try {
        return await this.begin(partition, join);
      } catch (err) {
        log('warn', { err, topic, partition }, 'no position yet');
        this.positions.delete(partition);
        await pause(wait);
      }
    }
  }

  private async begin(partition: number, join: number): Promise<void> {
    const next = await this.positionOf(partition);
    if (join !== this.joins || this.loop.isStopped || this.begun.has(partition)) return;
    this.begun.add(partition);
    this.consumer.seek({ topic: this.options.topic, partition, offset: next?.toString() ?? earliest });
  }

  // kafkajs goes back to the beginning when what it asks for lies behind the end, and says nothing. Three looks, since a
  // new leader may know for a moment less than the one before.
  private async endsBefore(partition: number, next: bigint): Promise<boolean> {
    const { brokers, clientId, topic } = this.options;
    for (let looks = 1; ; looks += 1) {
      const ranges = await topicRanges({ brokers, clientId, retries: 2 }, topic);
      const range = ranges.find((one) => one.partition === partition);
      if (!range || range.end >= next) return false;
      if (looks === 3) return true;
      await pause(500);
    }
  }

  private async beginAnew(partition: number, next: bigint): Promise<void> {
    const { topic, log, onTopicAnew } = this.options;
    await onTopicAnew?.(partition);
    log(
      'error',
      { topic, partition, next: String(next) },
      'the topic ends before what was read: Kafka lost its data or the topic was made anew; everything there is read ' +
        'again from its beginning, duplicates are recognised by their ids',
    );
    this.positions.set(partition, Promise.resolve(undefined));
    this.written.delete(partition);
    this.handled.delete(partition);
    this.rewound.delete(partition);
    this.consumer.seek({ topic, partition, offset: earliest });
  }

  private async startOf(partition: number): Promise<bigint | undefined> {
    return (await this.options.startAt(partition)) ?? this.handled.get(partition);
  }

  private positionOf(partition: number): Promise<bigint | undefined> {
    const known = this.positions.get(partition);
    if (known) return known;
    const asked = this.startOf(partition);
    this.positions.set(partition, asked);
    return asked;
  }

  private readonly rewound = new Map<number, bigint>();
  // Kafka's hint is ahead of the database: go back. Once for each place, since what was deleted by retention is gone.
  private rewind(topic: string, partition: number, next: bigint): Promise<boolean> {
    if (this.rewound.get(partition) === next) {
      this.options.log(
        'error',
        { topic, partition, from: String(next) },
        'messages were deleted before they were read',
      );
      return Promise.resolve(false);
    }
    this.rewound.set(partition, next);
    this.consumer.seek({ topic, partition, offset: String(next) });
    return Promise.resolve(true);
  }
}
