"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateRetention1796000000052 = void 0;
class CreateRetention1796000000052 {
    async up(runner) {
        await runner.query(`
      ALTER TABLE datasets
        ADD COLUMN retention_days integer,
        ADD COLUMN legal_hold boolean NOT NULL DEFAULT false;
      CREATE TABLE dataset_retention (
        dataset_id text PRIMARY KEY,
        removed bigint NOT NULL DEFAULT 0,
        examined_at timestamptz,
        examined_version integer
      );
      CREATE TABLE removed_ids (
        source text NOT NULL,
        event_id text NOT NULL,
        forget_after timestamptz NOT NULL
      );
      CREATE INDEX removed_ids_by_time ON removed_ids (forget_after);`);
    }
    async down(runner) {
        await runner.query(`
      DROP TABLE removed_ids, dataset_retention;
      ALTER TABLE datasets DROP COLUMN retention_days, DROP COLUMN legal_hold`);
    }
}
exports.CreateRetention1796000000052 = CreateRetention1796000000052;
//# sourceMappingURL=1796000000052-create-retention.js.map