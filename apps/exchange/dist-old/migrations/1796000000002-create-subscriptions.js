"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateSubscriptions1796000000002 = void 0;
class CreateSubscriptions1796000000002 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE subscriptions (
        subscription_id uuid PRIMARY KEY,
        agreement_id uuid NOT NULL,
        dataset_id text NOT NULL,
        consumer_department text NOT NULL,
        owner text NOT NULL,
        purpose text NOT NULL,
        mode text NOT NULL,
        webhook_url text,
        webhook_secret text,
        status text NOT NULL,
        stop_reason text,
        status_before_stop text,
        acked_position bigint NOT NULL DEFAULT 0,
        disclosed_position bigint NOT NULL DEFAULT 0,
        delivered bigint NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        last_error text,
        next_attempt_at timestamptz,
        lease_owner uuid,
        lease_until timestamptz,
        created_at timestamptz NOT NULL,
        version integer NOT NULL
      );
      CREATE INDEX subscriptions_by_department ON subscriptions (consumer_department, created_at, subscription_id);
      CREATE INDEX subscriptions_by_agreement ON subscriptions (agreement_id);
      CREATE INDEX subscriptions_to_push ON subscriptions (dataset_id) WHERE mode = 'webhook' AND status = 'active';
      CREATE TABLE disclosures (
        disclosure_id uuid PRIMARY KEY,
        subscription_id uuid NOT NULL,
        agreement_id uuid NOT NULL,
        agreement_version integer NOT NULL,
        principal text NOT NULL,
        first_position bigint NOT NULL,
        last_position bigint NOT NULL,
        records integer NOT NULL,
        disclosed_at timestamptz NOT NULL
      );
      CREATE INDEX disclosures_by_subscription ON disclosures (subscription_id, last_position);`);
    }
    async down(runner) {
        await runner.query('DROP TABLE disclosures, subscriptions');
    }
}
exports.CreateSubscriptions1796000000002 = CreateSubscriptions1796000000002;
//# sourceMappingURL=1796000000002-create-subscriptions.js.map