import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateCircuits1796000000036 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000036-create-circuits.d.ts.map