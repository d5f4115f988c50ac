import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateWebhookSettings1796000000011 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000011-create-webhook-settings.d.ts.map