import { Unavailable } from '@govbus/contracts';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { type Admin, CompressionTypes, type Kafka, type Producer as KafkaProducer } from 'kafkajs';
import { defaultRequestTimeoutMs, kafkaOf, type Patience } from './connection';
import { inSpan } from './span';

export type OutgoingMessage = {
  topic: string;
  key: string | Buffer | null;
  value: string | Buffer | null;
  headers?: Record<string, string | Buffer>;
};
type Waiting = {
  messages: OutgoingMessage[];
  bytes: number;
  signal?: AbortSignal;
  resolve: () => void;
  reject: (error: Unavailable) => void;
};
type SendOptions = { signal?: AbortSignal; isPastBound?: boolean };
type ProducerOptions = Patience & {
  brokers: string[];
  clientId: string;
  /** Messages that may wait. */
  maxQueued?: number;
  /** Bytes that may wait. */
  maxQueuedBytes?: number;
  maxBatch?: number;
};

// A broker takes a whole batch of a partition or none of it: 1 MiB unless the topic says more (`max.message.bytes`).
const maxTopicBytes = 900 * 1024;
/** Bytes of one request, over all its topics. */
const maxRequestBytes = 8 * 1024 * 1024;

/**
 * Idempotent producer that gathers: one send is in flight, and what comes meanwhile goes together in the next. Only so
 * does kafkajs, which has no linger, reach tens of thousands of messages a second.
 *
 * Shape: connects at the first use. The queue is bounded: memory does not grow while the broker is away.
 * Errors: `Unavailable` `bus.busy` when the queue is full, `bus.unavailable` when the broker does not acknowledge.
 */
export class Producer {
  private readonly kafka: Kafka;
  private producer: KafkaProducer;
  // Whether a send is repeated within itself; without that, kafkajs has no use for sequence numbers and refuses them.
  private readonly repeats: boolean;
  /** How long a broker waits for the others, in ms: its answer that they did not follow must come in time. */
  private readonly timeout: number;
  private readonly maxQueued: number;
  private readonly maxQueuedBytes: number;
  private readonly maxBatch: number;
  private admin: Promise<Admin> | undefined;
  private connecting: Promise<void> | undefined;
  private waiting: Waiting[] = [];
  private waitingMessages = 0;
  private waitingBytes = 0;
  private draining: Promise<void> | undefined;

  constructor(options: ProducerOptions) {
    const { maxQueued = 20_000, maxQueuedBytes = 64 * 1024 * 1024, maxBatch = 2_000 } = options;
    this.maxQueued = maxQueued;
    this.maxQueuedBytes = maxQueuedBytes;
    this.maxBatch = maxBatch;
    this.kafka = kafkaOf(options.brokers, options.clientId, options);
    this.repeats = options.retries !== 0;
    this.timeout = Math.floor(0.8 * (options.requestTimeoutMs ?? defaultRequestTimeoutMs));
    this.producer = this.newProducer();
  }

  /** Messages that wait or are on their way. */
  get queued(): number {
    return this.waitingMessages;
  }
  /** The bytes of these. */
  get queuedBytes(): number {
    return this.waitingBytes;
  }

  /** Connects now instead of at the first message. Errors: rejects when no broker answers. */
  connect(): Promise<void> {
    this.connecting ??= this.producer.connect().catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    return this.connecting;
  }

  /** Asks the cluster for an answer (readiness). Errors: rejects when no broker answers. */
  async ping(): Promise<void> {
    this.admin ??= this.openAdmin();
    await (await this.admin).describeCluster();
  }

  /** Sends what waits, then disconnects. */
  async disconnect(): Promise<void> {
    await this.draining;
    if (this.connecting) await this.producer.disconnect();
    await this.admin?.then((admin) => admin.disconnect()).catch(() => undefined);
  }

  /** Resolves when the message is acknowledged by all in-sync replicas. */
  send(message: OutgoingMessage): Promise<void> {
    return this.sendAll([message]);
  }

  /**
   * Resolves when all are acknowledged; they keep their order for each key.
   *
   * What waits when `signal` is aborted is not sent any more. Errors: then `Unavailable` `bus.withdrawn`. Whoever has one
   * group on its way at a time may send it past the bound of the queue, which others may fill.
   */
  sendAll(messages: OutgoingMessage[], { signal, isPastBound = false }: SendOptions = {}): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    const bytes = bytesOf(messages);
    const isFull =
      this.waitingMessages + messages.length > this.maxQueued || this.waitingBytes + bytes > this.maxQueuedBytes;
    // Whatever its size, a group finds room in an empty queue: refused for ever, it would never leave an outbox.
    if (isFull && this.waitingMessages > 0 && !isPastBound)
      return Promise.reject(new Unavailable('bus.busy', 'the bus is busy', { retryAfterSeconds: 1 }));
    this.waitingMessages += messages.length;
    this.waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.waiting.push({ messages, bytes, signal, resolve, reject });
      // Part of no request's trace: what goes together comes from many.
      this.draining ??= context.with(ROOT_CONTEXT, () => this.drain());
    });
  }

  private newProducer(): KafkaProducer {
    return this.kafka.producer({ idempotent: this.repeats, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  }

  // kafkajs gives the numbers of a send that failed to the next one. If the broker had written the failed one after
  // all, it would take the next for its repetition, acknowledge it and drop it: so the next has another producer id.
  private startAfresh(): void {
    const failed = this.producer;
    this.producer = this.newProducer();
    this.connecting = undefined;
    failed.disconnect().catch(() => undefined);
  }

  private async openAdmin(): Promise<Admin> {
    const admin = this.kafka.admin({ retry: { retries: 1, initialRetryTime: 200 } });
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.admin = undefined;
      throw error;
    }
  }

  private async drain(): Promise<void> {
    // Whoever else publishes in this turn of the event loop comes along.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      try {
        await this.connect().catch((error: unknown) => {
          // No broker answers anybody: what waits behind would wait for as many rounds of tries, each in vain.
          batch.push(...this.waiting.splice(0));
          throw error;
        });
        const messages = batch.reduce((sum, waiting) => sum + waiting.messages.length, 0);
        const sent = new Set(await inSpan('producer send', { messages }, () => this.sendParts(batch)));
        for (const waiting of batch) {
          if (sent.has(waiting)) waiting.resolve();
          else waiting.reject(new Unavailable('bus.withdrawn', 'the messages were withdrawn'));
        }
      } catch (cause) {
        this.startAfresh();
        const details = { cause, retryAfterSeconds: 2 };
        for (const { reject } of batch)
          reject(new Unavailable('bus.unavailable', 'the bus did not acknowledge', details));
      } finally {
        this.waitingMessages -= batch.reduce((sum, { messages }) => sum + messages.length, 0);
        this.waitingBytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
      }
    }
    // In the same turn as the last look at the queue: what comes later starts the next round.
    this.draining = undefined;
  }

  // Answers those that went out whole; the others were withdrawn.
  private async sendParts(batch: Waiting[]): Promise<Waiting[]> {
    const going = batch.filter(({ signal }) => !signal?.aborted);
    for (const part of inParts(going.flatMap(({ messages }) => messages))) {
      // Only a group that goes alone has several parts.
      if (going.every(({ signal }) => signal?.aborted)) return [];
      const { timeout } = this;
      const compression = CompressionTypes.None;
      await this.producer.sendBatch({ topicMessages: byTopic(part), acks: -1, timeout, compression });
    }
    return going;
  }

  private nextBatch(): Waiting[] {
    let size = 0;
    const room = new Room();
    const end = this.waiting.findIndex(({ messages }, i) => {
      size += messages.length;
      const fits = messages.reduce((all, message) => room.take(message) && all, true);
      return i > 0 && (size > this.maxBatch || !fits);
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}

// With room for what Kafka writes around a message and each of its headers.
const bytesOf = (messages: OutgoingMessage[]): number =>
  messages.reduce(
    (sum, { key, value, headers }) =>
      sum + Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '') + headerBytesOf(headers) + 200,
    0,
  );
const headerBytesOf = (headers: OutgoingMessage['headers'] = {}): number =>
  Object.entries(headers).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + 10,
    0,
  );

// In their order, each part small enough for every broker; a larger message goes alone.
function inParts(messages: OutgoingMessage[]): OutgoingMessage[][] {
  const parts: OutgoingMessage[][] = [];
  let room = new Room();
  for (const message of messages) {
    const part = parts.at(-1);
    if (part && room.take(message)) part.push(message);
    else {
      parts.push([message]);
      room = new Room();
      room.take(message);
    }
  }
  return parts;
}

/** What is left of a request: of each topic as much as one partition may get, and of all together. */
class Room {
  private readonly used = new Map<string, number>();
  private all = 0;

  /** Takes the place of a message; false when that is more than there was. */
  take(message: OutgoingMessage): boolean {
    const bytes = bytesOf([message]);
    const ofTopic = (this.used.get(message.topic) ?? 0) + bytes;
    this.used.set(message.topic, ofTopic);
    this.all += bytes;
    return ofTopic <= maxTopicBytes && this.all <= maxRequestBytes;
  }
}

function byTopic(messages: OutgoingMessage[]) {
  const topics = new Map<string, OutgoingMessage[]>();
  for (const message of messages) {
    const known = topics.get(message.topic);
    if (known) known.push(message);
    else topics.set(message.topic, [message]);
  }
  return [...topics].map(([topic, of]) => ({ topic, messages: of }));
}
