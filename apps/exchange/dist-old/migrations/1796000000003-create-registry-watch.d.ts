import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateRegistryWatch1796000000003 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000003-create-registry-watch.d.ts.map