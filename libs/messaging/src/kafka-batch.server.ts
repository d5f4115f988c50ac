import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, Invalid } from '@govbus/contracts';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { isObservable, lastValueFrom } from 'rxjs';
import type { DataSource } from 'typeorm';
import { causedBy } from './cause';
import { CaughtUp, type CaughtUpListener } from './caught-up';
import { isTransient, kafkaOf, memberOptions } from './connection';
import { ConsumerLoop } from './consumer-loop';
import type { Log } from './log';
import { sideBySide } from './key-groups';
import { park } from './parked-messages';
import { inSpan } from './span';

/** Transport id: handlers opt in with `@Handles(contract)`. */
export const KAFKA_BATCH = Symbol('KAFKA_BATCH');

export type KafkaBatchOptions = {
  brokers: string[];
  clientId: string;
  groupId: string;
  dataSource: DataSource;
  /** Tries before a message is parked. */
  attempts?: number;
  /** First pause between tries, doubled each time. */
  backoffMs?: number;
  clock: () => Date;
  log: Log;
};

// Below a pool of 20, so that what a service does meanwhile finds connections.
const recordsAtOnce = 8;

/**
 * Nest transport over kafkajs `eachBatch`.
 *
 * A message that is refused (`DomainError`, not JSON, no type) is parked at once, one whose handler fails in another way
 * after a few tries, and those behind it go on (P6). While the database is away nothing is parked: the message is tried
 * until it is back. Types that nobody handles are passed over.
 *
 * Records of different keys are handled side by side, each key in its order: their versions say which counts, and a
 * revocation must not wait for those before it (P5). Events are handled one after the other.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_BATCH;
  override readonly propagatesEventHandlerErrors = true;
  private readonly consumer: Consumer;
  private readonly caughtUp: CaughtUp;
  /** Topics of which only records are handled. */
  private readonly recordTopics = new Set<string>();
  private loop: ConsumerLoop | undefined;
  private caughtUpListener: CaughtUpListener | undefined;

  constructor(private readonly options: KafkaBatchOptions) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
    const kafka = kafkaOf(options.brokers, options.clientId);
    this.consumer = kafka.consumer({
      groupId: options.groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 200,
      ...memberOptions,
    });
    this.caughtUp = new CaughtUp(options);
  }

  /** Begins to consume; comes back at once, and goes on trying while topics or brokers are missing. */
  listen(callback: (error?: unknown) => void): void {
    const topics = new Set<string>();
    const eventTopics = new Set<string>();
    for (const { extras } of this.messageHandlers.values()) {
      const topic: unknown = extras?.topic;
      if (typeof topic !== 'string') continue;
      topics.add(topic);
      (extras?.kind === 'record' ? this.recordTopics : eventTopics).add(topic);
    }
    for (const topic of eventTopics) this.recordTopics.delete(topic);
    if (topics.size > 0) {
      const { log } = this.options;
      this.loop = new ConsumerLoop(this.consumer, [...topics], (payload) => this.onBatch(payload), log);
      this.loop.start();
      if (this.caughtUpListener) this.caughtUp.start([...topics], this.caughtUpListener);
    }
    callback();
  }

  /** Tells when everything that the brokers have of our topics has been handled; see `CaughtUp`. Asked before it listens. */
  onCaughtUp(listener: CaughtUpListener): void {
    this.caughtUpListener = listener;
  }

  /** Stops after the message being handled. */
  async close(): Promise<void> {
    await Promise.all([this.loop?.stop(), this.caughtUp.stop()]);
  }

  on(): never {
    throw new Error('this transport has no events of its own');
  }
  unwrap<T>(): T {
    throw new Error('this transport shares no client');
  }

  /**
   * Hands one message to its handler, once, without parking: for replay. Types nobody handles are passed over.
   *
   * Errors: `Invalid` `message.malformed` when it is not JSON or has no type; whatever the handler throws.
   */
  async dispatch(value: Buffer | null): Promise<void> {
    // A tombstone of a compacted topic.
    if (value === null) return;
    const message = parse(value);
    const handler = this.messageHandlers.get(message.type);
    if (!handler) return;
    const handled = async (): Promise<void> => {
      let result: unknown = await handler(message);
      // Also one within another: an error at the end of them must not pass for an answer.
      while (isObservable(result)) result = await lastValueFrom(result, { defaultValue: undefined });
    };
    await causedBy(message, () => inSpan(`handle ${message.type}`, {}, handled, message.traceparent));
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const atOnce = this.recordTopics.has(batch.topic) ? recordsAtOnce : 1;
    for (const group of sideBySide(batch.messages, atOnce)) {
      if (this.loop?.isStopped || !isRunning() || isStale()) return;
      // All of them have ended before any of them can come again.
      const ends = await Promise.allSettled(
        group.map((message) => this.handle(batch.topic, batch.partition, message, payload)),
      );
      for (const [i, { offset }] of group.entries()) {
        const end = ends[i];
        if (end?.status === 'rejected') throw end.reason;
        if (!end?.value) return;
        resolveOffset(offset);
      }
      await heartbeat();
    }
  }

  // False when consuming ended before the message was handled or parked: it will come again.
  private async handle(
    topic: string,
    partition: number,
    message: KafkaMessage,
    { heartbeat, isRunning }: EachBatchPayload,
  ): Promise<boolean> {
    const { attempts = 3, backoffMs = 200, dataSource, clock, log } = this.options;
    for (let attempt = 1, wait = backoffMs; !this.loop?.isStopped && isRunning(); wait = Math.min(wait * 2, 2_000)) {
      try {
        await this.dispatch(message.value);
        return true;
      } catch (err) {
        const isAway = isTransient(err);
        const where = { topic, partition, offset: message.offset };
        log('warn', { err, ...where, attempt, isAway }, 'message not handled');
        if (!isAway && (attempt >= attempts || err instanceof DomainError)) {
          const failure = { topic, partition, message, type: typeOf(message.value), attempts: attempt, err };
          try {
            await park(dataSource, failure, clock());
            return true;
          } catch (failed) {
            log('error', { err: failed, ...where }, 'message not parked');
          }
        } else if (!isAway) attempt++;
        await pause(wait);
        await heartbeat();
      }
    }
    return false;
  }
}

type Message = { type: string; id?: unknown; correlationid?: unknown; traceparent?: string };

function parse(value: Buffer): Message {
  let message: unknown;
  try {
    message = JSON.parse(value.toString());
  } catch {
    throw new Invalid('message.malformed', 'the message is not JSON');
  }
  if (!hasType(message)) throw new Invalid('message.malformed', 'the message has no type');
  return message;
}
const hasType = (message: unknown): message is Message =>
  typeof message === 'object' && message !== null && 'type' in message && typeof message.type === 'string';

function typeOf(value: Buffer | null): string | undefined {
  try {
    return value === null ? undefined : parse(value).type;
  } catch {
    return undefined;
  }
}
