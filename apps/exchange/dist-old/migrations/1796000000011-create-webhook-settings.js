"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateWebhookSettings1796000000011 = void 0;
// `page_through`: where the page ends that failed, so that it is tried again as it was although the ledger has grown.
class CreateWebhookSettings1796000000011 {
    async up(runner) {
        await runner.query(`
      ALTER TABLE subscriptions
        ADD COLUMN previous_webhook_secret text,
        ADD COLUMN previous_secret_until timestamptz,
        ADD COLUMN webhook_handshake boolean NOT NULL DEFAULT false,
        ADD COLUMN webhook_consented_url text,
        ADD COLUMN webhook_rate integer,
        ADD COLUMN page_through bigint;`);
    }
    async down(runner) {
        await runner.query(`
      ALTER TABLE subscriptions
        DROP COLUMN previous_webhook_secret, DROP COLUMN previous_secret_until, DROP COLUMN webhook_handshake,
        DROP COLUMN webhook_consented_url, DROP COLUMN webhook_rate, DROP COLUMN page_through`);
    }
}
exports.CreateWebhookSettings1796000000011 = CreateWebhookSettings1796000000011;
//# sourceMappingURL=1796000000011-create-webhook-settings.js.map