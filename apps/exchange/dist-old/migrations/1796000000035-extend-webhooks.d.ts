import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class ExtendWebhooks1796000000035 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000035-extend-webhooks.d.ts.map