import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { RawMessage } from './batch-reader';
import { kafkaOf, memberOptions } from './connection';
import { ConsumerLoop } from './consumer-loop';
import type { Log } from './log';

/** A message with its headers, in their order; a name may come twice. */
export type HeadedMessage = RawMessage & { headers: [name: string, value: Buffer][] };
/** How long the partition is to rest after a batch, in ms; nothing: not at all. What is left comes again afterwards. */
export type Rest = { restMs: number; isLeft?: boolean } | undefined;
export type TopicsReaderOptions = {
  brokers: string[];
  clientId: string;
  groupId: string;
  log: Log;
  /** Most messages handed over at once. */
  maxBatch: number;
  /** Throws: the batch is tried again with back-off, never passed over. Its offset is committed after it resolves. */
  onBatch: (topic: string, partition: number, messages: HeadedMessage[]) => Promise<Rest>;
};

/**
 * Batches of a growing set of topics, at least once: Kafka keeps the offsets, committed after the batch was handled.
 *
 * Shape: memory is bounded by what one fetch brings, whatever the number of topics. A partition that rests, or whose
 *   batch cannot be handled, holds up no other for longer than its own try.
 */
export class TopicsReader {
  private readonly consumer: Consumer;
  private loop: ConsumerLoop | undefined;
  private topics: string[] = [];
  private changing: Promise<void> = Promise.resolve();
  private readonly resting = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(private readonly options: TopicsReaderOptions) {
    this.consumer = kafkaOf(options.brokers, options.clientId).consumer({
      groupId: options.groupId,
      allowAutoTopicCreation: false,
      maxBytesPerPartition: 1024 * 1024,
      maxBytes: 8 * 1024 * 1024,
      maxWaitTimeInMs: 100,
      ...memberOptions,
    });
  }

  /** The topics being read. */
  get reads(): readonly string[] {
    return this.topics;
  }

  /** Reads these topics as well, from their earliest message; they MUST exist. The group is joined anew. */
  read(topics: string[]): Promise<void> {
    this.changing = this.changing.then(async () => {
      const fresh = topics.filter((topic) => !this.topics.includes(topic));
      if (fresh.length === 0 || this.stopped) return;
      this.topics = [...this.topics, ...fresh];
      if (this.loop) await this.loop.restart(this.topics);
      else {
        this.loop = new ConsumerLoop(this.consumer, this.topics, (payload) => this.take(payload), this.options.log, 3);
        this.loop.start();
      }
    });
    return this.changing;
  }

  /** Stops after the batches being handled. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.changing.catch(() => undefined);
    for (const timer of this.resting) clearTimeout(timer);
    await this.loop?.stop();
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat } = payload;
    const { messages } = batch;
    for (let from = 0; from < messages.length; from += this.options.maxBatch) {
      const part = messages.slice(from, from + this.options.maxBatch);
      const last = part.at(-1);
      const handled = await this.untilHandled(payload, part);
      if (!handled || !last) return;
      if (!handled.isLeft) resolveOffset(last.offset);
      await heartbeat();
      // What is behind is fetched again when the partition goes on.
      if (handled.restMs > 0) return this.rest(payload.pause(), handled.restMs);
    }
  }

  // Undefined when reading ended before: the batch comes again. Partitions that wait for their next try are paused.
  private async untilHandled(
    { batch: { topic, partition }, heartbeat, isRunning, isStale, pause: pausePartition }: EachBatchPayload,
    messages: KafkaMessage[],
  ): Promise<Rest> {
    for (let attempt = 1; !this.stopped && isRunning() && !isStale(); attempt += 1) {
      try {
        return (await this.options.onBatch(topic, partition, messages.map(headed))) ?? { restMs: 0 };
      } catch (err) {
        this.options.log('warn', { err, topic, partition, attempt }, 'batch not handled');
        if (attempt < 3) await pause(100 * attempt);
        else {
          this.rest(pausePartition(), 2_000);
          return undefined;
        }
        await heartbeat();
      }
    }
    return undefined;
  }

  private rest(resume: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.resting.delete(timer);
      if (!this.stopped) resume();
    }, ms);
    this.resting.add(timer);
  }
}

// A header may have no value, which the types of kafkajs do not say: it counts as absent.
function headed({ offset, key, value, timestamp, headers }: KafkaMessage): HeadedMessage {
  const pairs = Object.entries(headers ?? {}).flatMap(([name, given]) =>
    [given].flat().flatMap((one): [string, Buffer][] => (one ? [[name, Buffer.from(one)]] : [])),
  );
  return { offset: BigInt(offset), key, value, timestamp: Number(timestamp), headers: pairs };
}
