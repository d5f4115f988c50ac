import type { NewTopic, OutgoingMessage } from '@govbus/messaging';
import type { DeliveredEvent } from '@govbus/contracts';

/** The topic of a subscription that is delivered by Kafka. */
export const topicOf = (subscriptionId: string): string => `share.${subscriptionId}`;

/** Three partitions: a record's events keep their order in one, and three readers of a group share the work. */
export const newShareTopic = (subscriptionId: string): NewTopic => ({
  topic: topicOf(subscriptionId),
  partitions: 3,
  config: { 'cleanup.policy': 'delete', 'retention.ms': String(7 * 24 * 3_600_000) },
});

const headers = Object.freeze({ 'content-type': 'application/cloudevents+json' });

/**
 * The messages of a page: structured CloudEvents with one header, the only form that is fast enough; as bytes, which no
 * collection of the heap moves until Kafka has acknowledged them.
 */
export const messagesOf = (
  subscriptionId: string,
  events: readonly DeliveredEvent[],
  keys: readonly string[],
): OutgoingMessage[] => {
  const topic = topicOf(subscriptionId);
  return events.map((event, i) => ({
    topic,
    key: keys[i] ?? null,
    value: Buffer.from(JSON.stringify(event)),
    headers,
  }));
};

/** Milliseconds until a page is tried again that Kafka did not take; `jitter` is in [0, 1). */
export const resendDelayMs = (failures: number, jitter: number): number =>
  Math.round(Math.min(500 * 2 ** Math.min(failures - 1, 5), 10_000) * (0.5 + jitter / 2));
