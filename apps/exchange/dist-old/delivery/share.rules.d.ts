import type { NewTopic, OutgoingMessage } from '@govbus/messaging';
import type { DeliveredEvent } from '@govbus/contracts';
/** The topic of a subscription that is delivered by Kafka. */
export declare const topicOf: (subscriptionId: string) => string;
/** Three partitions: a record's events keep their order in one, and three readers of a group share the work. */
export declare const newShareTopic: (subscriptionId: string) => NewTopic;
/** The messages of a page: structured CloudEvents with one header, the only form that is fast enough. */
export declare const messagesOf: (subscriptionId: string, events: readonly DeliveredEvent[], keys: readonly string[]) => OutgoingMessage[];
/** Milliseconds until a page is tried again that Kafka did not take; `jitter` is in [0, 1). */
export declare const resendDelayMs: (failures: number, jitter: number) => number;
//# sourceMappingURL=share.rules.d.ts.map