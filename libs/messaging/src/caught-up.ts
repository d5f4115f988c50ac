import type { Consumer } from 'kafkajs';

/** Called with the topics whose partitions here are read to their ends, and when that was so (`performance.now()`). */
export type CaughtUpListener = (topics: string[], at: number) => void;

/**
 * Knows when a consumer has handled everything that its brokers had: whoever must not act on old knowledge asks.
 *
 * Shape: tells after each fetch whose messages, if there were any, are handled, as long as no partition lags. A consumer
 * without partitions of a topic tells nothing of it: another process reads it.
 */
export class CaughtUp {
  private readonly answeredAt = new Map<string, number>();
  private readonly lagging = new Set<string>();
  private topics: string[] = [];
  private listener: CaughtUpListener | undefined;

  constructor(consumer: Consumer) {
    const { GROUP_JOIN, FETCH, FETCH_START, END_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.topics = Object.entries(payload.memberAssignment).flatMap(([topic, of]) => (of.length > 0 ? [topic] : []));
      this.answeredAt.clear();
      this.lagging.clear();
    });
    consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, offsetLag } }) => {
      if (BigInt(offsetLag) > 0n) this.lagging.add(`${topic}/${partition}`);
      else this.lagging.delete(`${topic}/${partition}`);
    });
    // kafkajs fetches from a broker again only after all that the fetch before brought is handled.
    consumer.on(FETCH_START, ({ payload: { nodeId } }) => this.tell(String(nodeId)));
    consumer.on(FETCH, ({ payload: { nodeId } }) => this.answeredAt.set(String(nodeId), performance.now()));
  }

  /** One listener; the last given. */
  onCaughtUp(listener: CaughtUpListener): void {
    this.listener = listener;
  }

  private tell(nodeId: string): void {
    if (!this.answeredAt.has(nodeId) || this.lagging.size > 0 || this.topics.length === 0) return;
    this.listener?.(this.topics, Math.min(...this.answeredAt.values()));
  }
}
