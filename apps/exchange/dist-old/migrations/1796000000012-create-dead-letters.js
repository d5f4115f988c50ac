"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateDeadLetters1796000000012 = void 0;
class CreateDeadLetters1796000000012 {
    async up(runner) {
        await runner.query(`
      ALTER TABLE subscriptions
        ADD COLUMN max_attempts integer NOT NULL DEFAULT 20,
        ADD COLUMN page_attempts integer NOT NULL DEFAULT 0,
        ADD COLUMN dead_letters integer NOT NULL DEFAULT 0;
      CREATE TABLE dead_letters (
        dead_letter_id uuid PRIMARY KEY,
        subscription_id uuid NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
        after_position bigint NOT NULL,
        through_position bigint NOT NULL,
        records integer NOT NULL,
        reason text NOT NULL,
        attempts integer NOT NULL,
        put_aside_at timestamptz NOT NULL,
        busy_until timestamptz
      );
      CREATE INDEX dead_letters_by_subscription ON dead_letters (subscription_id, put_aside_at, dead_letter_id);`);
    }
    async down(runner) {
        await runner.query(`
      DROP TABLE dead_letters;
      ALTER TABLE subscriptions DROP COLUMN max_attempts, DROP COLUMN page_attempts, DROP COLUMN dead_letters`);
    }
}
exports.CreateDeadLetters1796000000012 = CreateDeadLetters1796000000012;
//# sourceMappingURL=1796000000012-create-dead-letters.js.map