import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateCopies1796000000000 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000000-create-copies.d.ts.map