import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class WidenDisclosures1796000000020 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000020-widen-disclosures.d.ts.map