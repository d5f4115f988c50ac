"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateSeek1796000000010 = void 0;
// What a webhook's receiver confirmed, apart from where delivery is: a replay counts nothing twice. The index answers
// from which position on a time is; it costs the ledger's writer next to nothing.
class CreateSeek1796000000010 {
    async up(runner) {
        await runner.query(`
      ALTER TABLE subscriptions ADD COLUMN confirmed_position bigint NOT NULL DEFAULT 0;
      UPDATE subscriptions SET confirmed_position = acked_position;
      CREATE INDEX events_by_time ON events USING brin (recorded_at);`);
    }
    async down(runner) {
        await runner.query('DROP INDEX events_by_time; ALTER TABLE subscriptions DROP COLUMN confirmed_position');
    }
}
exports.CreateSeek1796000000010 = CreateSeek1796000000010;
//# sourceMappingURL=1796000000010-create-seek.js.map