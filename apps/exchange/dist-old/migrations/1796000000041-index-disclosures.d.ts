import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class IndexDisclosures1796000000041 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000041-index-disclosures.d.ts.map