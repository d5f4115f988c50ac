"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateLedger1796000000001 = void 0;
// `data` and `attributes` are text: they are never searched, and parsing jsonb is about half of the cost of a row.
class CreateLedger1796000000001 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE dataset_heads (
        dataset_id text PRIMARY KEY,
        last_position bigint NOT NULL DEFAULT 0,
        records bigint NOT NULL DEFAULT 0,
        conflicts bigint NOT NULL DEFAULT 0
      );
      CREATE TABLE events (
        dataset_id text NOT NULL,
        position bigint NOT NULL,
        source text NOT NULL,
        event_id text NOT NULL,
        type text NOT NULL,
        record_key text,
        recorded_at timestamptz NOT NULL,
        publisher text NOT NULL,
        schema_version integer NOT NULL,
        digest text NOT NULL,
        attributes text NOT NULL,
        data text NOT NULL,
        PRIMARY KEY (dataset_id, position)
      );
      CREATE TABLE event_ids (
        source text NOT NULL,
        event_id text NOT NULL,
        dataset_id text NOT NULL,
        position bigint NOT NULL,
        digest text NOT NULL,
        PRIMARY KEY (source, event_id)
      );
      CREATE TABLE event_conflicts (
        source text NOT NULL,
        event_id text NOT NULL,
        digest text NOT NULL,
        dataset_id text NOT NULL,
        publisher text NOT NULL,
        recorded_at timestamptz NOT NULL,
        attributes text NOT NULL,
        data text NOT NULL,
        PRIMARY KEY (source, event_id, digest)
      );
      CREATE TABLE latest_records (
        dataset_id text NOT NULL,
        record_key text NOT NULL,
        position bigint NOT NULL,
        PRIMARY KEY (dataset_id, record_key)
      );
      CREATE TABLE kafka_offsets (
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (topic, partition)
      );
      CREATE TABLE unreadable_messages (
        topic text NOT NULL,
        partition integer NOT NULL,
        message_offset bigint NOT NULL,
        message_key bytea,
        message_value bytea,
        reason text NOT NULL,
        parked_at timestamptz NOT NULL,
        PRIMARY KEY (topic, partition, message_offset)
      );`);
    }
    async down(runner) {
        await runner.query('DROP TABLE unreadable_messages, kafka_offsets, latest_records, event_conflicts, event_ids, events, dataset_heads');
    }
}
exports.CreateLedger1796000000001 = CreateLedger1796000000001;
//# sourceMappingURL=1796000000001-create-ledger.js.map