import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateSubscriptions1796000000002 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000002-create-subscriptions.d.ts.map