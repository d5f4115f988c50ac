import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateFilters1796000000013 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000013-create-filters.d.ts.map