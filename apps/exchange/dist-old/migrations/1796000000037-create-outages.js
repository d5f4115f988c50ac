"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateOutages1796000000037 = void 0;
class CreateOutages1796000000037 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE planned_outages (
        outage_id uuid PRIMARY KEY,
        consumer_department text NOT NULL,
        subscription_id uuid REFERENCES subscriptions ON DELETE CASCADE,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        reason text NOT NULL,
        announced_by text NOT NULL,
        announced_at timestamptz NOT NULL
      );
      CREATE INDEX planned_outages_by_department ON planned_outages (consumer_department, ends_at);`);
    }
    async down(runner) {
        await runner.query('DROP TABLE planned_outages');
    }
}
exports.CreateOutages1796000000037 = CreateOutages1796000000037;
//# sourceMappingURL=1796000000037-create-outages.js.map