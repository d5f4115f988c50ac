import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateSeek1796000000010 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000010-create-seek.d.ts.map