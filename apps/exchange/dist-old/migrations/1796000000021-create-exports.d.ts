import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateExports1796000000021 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000021-create-exports.d.ts.map