"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateExports1796000000021 = void 0;
class CreateExports1796000000021 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE exports (
        export_id uuid PRIMARY KEY,
        agreement_id uuid NOT NULL,
        agreement_version integer NOT NULL,
        dataset_id text NOT NULL,
        consumer_department text NOT NULL,
        owner text NOT NULL,
        purpose text NOT NULL,
        case_reference text,
        format text NOT NULL,
        content text NOT NULL,
        fields jsonb NOT NULL,
        from_position bigint NOT NULL,
        to_position bigint NOT NULL,
        rows_total bigint NOT NULL,
        status text NOT NULL,
        reason text,
        through_position bigint NOT NULL,
        after_key text,
        is_read boolean NOT NULL DEFAULT false,
        rows_done bigint NOT NULL DEFAULT 0,
        records bigint NOT NULL DEFAULT 0,
        bytes bigint NOT NULL DEFAULT 0,
        chunks integer NOT NULL DEFAULT 0,
        first_position bigint,
        last_position bigint,
        first_recorded_at timestamptz,
        last_recorded_at timestamptz,
        sha256 text,
        attempts integer NOT NULL DEFAULT 0,
        next_turn_at timestamptz,
        lease_owner uuid,
        lease_until timestamptz,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        expires_at timestamptz
      );
      CREATE INDEX exports_by_department ON exports (consumer_department, created_at, export_id);
      CREATE INDEX exports_in_use ON exports (status) WHERE status IN ('queued', 'running', 'done');
      CREATE TABLE export_chunks (
        export_id uuid NOT NULL REFERENCES exports ON DELETE CASCADE,
        chunk integer NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (export_id, chunk)
      );`);
    }
    async down(runner) {
        await runner.query('DROP TABLE export_chunks, exports');
    }
}
exports.CreateExports1796000000021 = CreateExports1796000000021;
//# sourceMappingURL=1796000000021-create-exports.js.map