import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddWebhookPublicKeys1796000000121 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscriptions ADD COLUMN webhook_public_key text');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscriptions DROP COLUMN webhook_public_key');
  }
}
