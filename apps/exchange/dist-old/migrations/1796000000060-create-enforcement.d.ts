import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateEnforcement1796000000060 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000060-create-enforcement.d.ts.map