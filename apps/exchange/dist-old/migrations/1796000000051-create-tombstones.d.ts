import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateTombstones1796000000051 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000051-create-tombstones.d.ts.map