import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateRetention1796000000052 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000052-create-retention.d.ts.map