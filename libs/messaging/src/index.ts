export { BatchReader, type BatchReaderOptions, type RawMessage, SteppedBack } from './batch-reader';
export type { CaughtUpListener } from './caught-up';
export { causedBy } from './cause';
export { isBadData, isTransient } from './connection';
export { groupOf, renewIdentity } from './database-identity';
export { ownSession, sessionOptions } from './database-session';
export { UNREADABLE_BATCH } from './fast-decoding';
export { Handles } from './handles';
export { deleteInBatches, Inbox, purgeInbox } from './inbox';
export { KAFKA_BATCH, KafkaBatchServer, type KafkaBatchOptions } from './kafka-batch.server';
export type { Log } from './log';
export { messagingMigrations } from './migrations';
export { type HeldRecord, newestRecords } from './newest-records';
export { Outbox, type Tx } from './outbox';
export { type ParkedMessage, type ParkedPage, ParkedMessages } from './parked-messages';
export { type OutgoingMessage, Producer } from './producer';
export { Relay, relayLock } from './relay';
export { type KafkaSecurity, secureKafka } from './security';
export { activeTraceId, flushSpans, inSpan, keepTraces, type SpanFacts, traceOf } from './span';
export {
  applyTopics,
  createTopics,
  deleteTopics,
  missingReplicas,
  type NewTopic,
  type Profile,
  readTopics,
  type TopicSpec,
} from './topics';
export { type HeadedMessage, type Rest, TopicsReader } from './topics-reader';
export { type TopicRange, topicRanges } from './topic-ranges';
export { groupMembers, replayTopic, type TopicReplayOptions } from './topic-replay';
