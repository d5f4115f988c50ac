"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.ExtendWebhooks1796000000035 = void 0;
// `counted`: the positions that `delivered` has counted, so that a replay, a skip or a redrive counts each once. It
// takes the place of `confirmed_position`, which stays for the version before. `held_events`: what stands behind the
// cursor of a webhook ordered by key and is still to be delivered; `held`, `held_from` and `held_due_at` sum it up, so
// that leasing need not look there.
class ExtendWebhooks1796000000035 {
    async up(runner) {
        await runner.query(`
      ALTER TABLE subscriptions
        ADD COLUMN webhook_order text NOT NULL DEFAULT 'dataset',
        ADD COLUMN webhook_max_events integer NOT NULL DEFAULT 100,
        ADD COLUMN replays integer NOT NULL DEFAULT 0,
        ADD COLUMN counted int8multirange NOT NULL DEFAULT '{}',
        ADD COLUMN last_delivered_at timestamptz,
        ADD COLUMN held integer NOT NULL DEFAULT 0,
        ADD COLUMN held_from bigint,
        ADD COLUMN held_due_at timestamptz;
      UPDATE subscriptions
         SET counted = int8multirange(
               int8range(1, CASE mode WHEN 'webhook' THEN confirmed_position ELSE disclosed_position END + 1));
      ALTER TABLE dead_letters ADD COLUMN replays integer NOT NULL DEFAULT 0;
      CREATE TABLE held_events (
        subscription_id uuid NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
        position bigint NOT NULL,
        key_digest text NOT NULL,
        attempts integer NOT NULL,
        due_at timestamptz,
        last_error text,
        PRIMARY KEY (subscription_id, position)
      );
      CREATE INDEX held_events_by_key ON held_events (subscription_id, key_digest, position);`);
    }
    async down(runner) {
        await runner.query(`
      DROP TABLE held_events;
      ALTER TABLE dead_letters DROP COLUMN replays;
      ALTER TABLE subscriptions
        DROP COLUMN webhook_order, DROP COLUMN webhook_max_events, DROP COLUMN replays, DROP COLUMN counted,
        DROP COLUMN last_delivered_at, DROP COLUMN held, DROP COLUMN held_from, DROP COLUMN held_due_at`);
    }
}
exports.ExtendWebhooks1796000000035 = ExtendWebhooks1796000000035;
//# sourceMappingURL=1796000000035-extend-webhooks.js.map