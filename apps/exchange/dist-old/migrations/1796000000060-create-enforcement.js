"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateEnforcement1796000000060 = void 0;
// One row for each agreement with limits, and for each kind of alarm: they are updated in place, often.
class CreateEnforcement1796000000060 {
    async up(runner) {
        await runner.query(`
      ALTER TABLE subscriptions ADD COLUMN case_reference text, ADD COLUMN area_code text;
      ALTER TABLE agreements ADD COLUMN held_for text;
      CREATE TABLE agreement_usage (
        agreement_id uuid PRIMARY KEY,
        minute_start timestamptz NOT NULL,
        accesses integer NOT NULL,
        day date NOT NULL,
        records bigint NOT NULL
      ) WITH (fillfactor = 50);
      CREATE TABLE over_scope_alarms (
        agreement_id uuid NOT NULL,
        kind text NOT NULL,
        agreement_version integer NOT NULL,
        raised_at timestamptz NOT NULL,
        PRIMARY KEY (agreement_id, kind)
      );`);
    }
    async down(runner) {
        await runner.query(`
      DROP TABLE over_scope_alarms, agreement_usage;
      ALTER TABLE agreements DROP COLUMN held_for;
      ALTER TABLE subscriptions DROP COLUMN case_reference, DROP COLUMN area_code;`);
    }
}
exports.CreateEnforcement1796000000060 = CreateEnforcement1796000000060;
//# sourceMappingURL=1796000000060-create-enforcement.js.map