import type { MigrationInterface, QueryRunner } from 'typeorm';

// A webhook without an address has nowhere to go: nothing of it ever arrived, and each attempt was a disclosure.
export class RequireWebhookUrls1796000000070 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM subscriptions WHERE mode = 'webhook' AND webhook_url IS NULL;
      ALTER TABLE subscriptions
        ADD CONSTRAINT webhooks_have_urls CHECK (mode <> 'webhook' OR webhook_url IS NOT NULL);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscriptions DROP CONSTRAINT webhooks_have_urls');
  }
}
