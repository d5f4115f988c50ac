"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateShareTopics1796000000030 = void 0;
// A row for each topic of a subscription that is or may be in Kafka: wanted before it is made, and no longer wanted
// before it is removed, so that no topic is forgotten while Kafka is away. No foreign key: it outlives the subscription.
class CreateShareTopics1796000000030 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE share_topics (
        subscription_id uuid PRIMARY KEY,
        is_wanted boolean NOT NULL DEFAULT true,
        is_created boolean NOT NULL DEFAULT false,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL
      );
      CREATE INDEX share_topics_due ON share_topics (due_at) WHERE NOT is_created OR NOT is_wanted;
      CREATE INDEX subscriptions_to_share ON subscriptions (dataset_id) WHERE mode = 'kafka' AND status = 'active';
      INSERT INTO share_topics (subscription_id, due_at)
        SELECT subscription_id, now() FROM subscriptions WHERE mode = 'kafka';`);
    }
    async down(runner) {
        await runner.query('DROP INDEX subscriptions_to_share; DROP TABLE share_topics');
    }
}
exports.CreateShareTopics1796000000030 = CreateShareTopics1796000000030;
//# sourceMappingURL=1796000000030-create-share-topics.js.map