"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.resendDelayMs = exports.messagesOf = exports.newShareTopic = exports.topicOf = void 0;
/** The topic of a subscription that is delivered by Kafka. */
const topicOf = (subscriptionId) => `share.${subscriptionId}`;
exports.topicOf = topicOf;
/** Three partitions: a record's events keep their order in one, and three readers of a group share the work. */
const newShareTopic = (subscriptionId) => ({
    topic: (0, exports.topicOf)(subscriptionId),
    partitions: 3,
    config: { 'cleanup.policy': 'delete', 'retention.ms': String(7 * 24 * 3_600_000) },
});
exports.newShareTopic = newShareTopic;
const headers = { 'content-type': 'application/cloudevents+json' };
/** The messages of a page: structured CloudEvents with one header, the only form that is fast enough. */
const messagesOf = (subscriptionId, events, keys) => {
    const topic = (0, exports.topicOf)(subscriptionId);
    return events.map((event, i) => ({ topic, key: keys[i] ?? null, value: JSON.stringify(event), headers }));
};
exports.messagesOf = messagesOf;
/** Milliseconds until a page is tried again that Kafka did not take; `jitter` is in [0, 1). */
const resendDelayMs = (failures, jitter) => Math.round(Math.min(500 * 2 ** Math.min(failures - 1, 5), 10_000) * (0.5 + jitter / 2));
exports.resendDelayMs = resendDelayMs;
//# sourceMappingURL=share.rules.js.map