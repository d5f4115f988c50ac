import type { MigrationInterface, QueryRunner } from 'typeorm';

// `page_through`: where the page ends that failed, so that it is tried again as it was although the ledger has grown.
export class CreateWebhookSettings1796000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE subscriptions
        ADD COLUMN previous_webhook_secret text,
        ADD COLUMN previous_secret_until timestamptz,
        ADD COLUMN webhook_handshake boolean NOT NULL DEFAULT false,
        ADD COLUMN webhook_consented_url text,
        ADD COLUMN webhook_rate integer,
        ADD COLUMN page_through bigint;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE subscriptions
        DROP COLUMN previous_webhook_secret, DROP COLUMN previous_secret_until, DROP COLUMN webhook_handshake,
        DROP COLUMN webhook_consented_url, DROP COLUMN webhook_rate, DROP COLUMN page_through`);
  }
}
