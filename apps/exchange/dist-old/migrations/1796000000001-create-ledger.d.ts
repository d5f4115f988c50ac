import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateLedger1796000000001 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000001-create-ledger.d.ts.map