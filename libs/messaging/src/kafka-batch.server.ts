import { setTimeout as pause } from 'node:timers/promises';
import { Invalid } from '@govbus/contracts';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { isObservable, lastValueFrom } from 'rxjs';
import type { DataSource } from 'typeorm';
import { isTransient, kafkaOf } from './connection';
import type { Log } from './log';
import { park } from './parked-messages';

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

/**
 * Nest transport over kafkajs `eachBatch`.
 *
 * A message whose handler fails again and again is parked and those behind it go on (P6); while the database is away
 * nothing is parked: the message is tried until it is back. Types that nobody handles are passed over.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_BATCH;
  override readonly propagatesEventHandlerErrors = true;
  private readonly consumer: Consumer;
  private stopped = false;
  private started: Promise<void> | undefined;

  constructor(private readonly options: KafkaBatchOptions) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
    const kafka = kafkaOf(options.brokers, options.clientId);
    this.consumer = kafka.consumer({ groupId: options.groupId, allowAutoTopicCreation: false });
  }

  /** Begins to consume; comes back at once, and goes on trying while topics or brokers are missing. */
  listen(callback: (error?: unknown) => void): void {
    const topics = new Set<string>();
    for (const handler of this.messageHandlers.values()) {
      const topic: unknown = handler.extras?.topic;
      if (typeof topic === 'string') topics.add(topic);
    }
    if (topics.size > 0) this.started = this.untilStarted([...topics]);
    callback();
  }

  /** Stops after the message being handled. */
  async close(): Promise<void> {
    this.stopped = true;
    await this.started;
    await this.consumer.disconnect();
  }

  on(): never {
    throw new Error('this transport has no events of its own');
  }
  unwrap<T>(): T {
    throw new Error('this transport shares no client');
  }

  /** Hands one message to its handler, once, without parking: for replay. Types nobody handles are passed over. */
  async dispatch(value: Buffer | null): Promise<void> {
    const message = parse(value);
    const handler = this.messageHandlers.get(typeOf(message) ?? '');
    if (!handler) return;
    const result: unknown = await handler(message);
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }

  private async untilStarted(topics: string[]): Promise<void> {
    while (!this.stopped) {
      try {
        await this.consumer.connect();
        await this.consumer.subscribe({ topics, fromBeginning: true });
        await this.consumer.run({ eachBatchAutoResolve: false, eachBatch: (payload) => this.onBatch(payload) });
        return;
      } catch (err) {
        this.options.log('warn', { err, topics }, 'cannot consume yet');
        await pause(1_000);
      }
    }
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    for (const message of batch.messages) {
      if (this.stopped || !isRunning() || isStale()) return;
      if (!(await this.handle(batch.topic, batch.partition, message, payload))) return;
      resolveOffset(message.offset);
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
    for (let attempt = 1, wait = backoffMs; !this.stopped && isRunning(); wait = Math.min(wait * 2, 5_000)) {
      try {
        await this.dispatch(message.value);
        return true;
      } catch (err) {
        const transient = isTransient(err);
        log('warn', { err, topic, partition, offset: message.offset, attempt, transient }, 'message not handled');
        if (!transient && (attempt >= attempts || err instanceof Invalid)) {
          const failure = { topic, partition, message, type: safeType(message.value), attempts: attempt, err };
          if (await park(dataSource, failure, clock()).catch(() => false)) return true;
        } else if (!transient) attempt++;
        await pause(wait);
        await heartbeat();
      }
    }
    return false;
  }
}

function parse(value: Buffer | null): unknown {
  return value === null ? undefined : JSON.parse(value.toString());
}
function typeOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  return typeof message.type === 'string' ? message.type : undefined;
}
function safeType(value: Buffer | null): string | undefined {
  try {
    return typeOf(parse(value));
  } catch {
    return undefined;
  }
}
