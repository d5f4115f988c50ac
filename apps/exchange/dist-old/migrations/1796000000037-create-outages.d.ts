import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateOutages1796000000037 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000037-create-outages.d.ts.map