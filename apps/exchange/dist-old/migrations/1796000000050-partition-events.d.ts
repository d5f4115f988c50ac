import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class PartitionEvents1796000000050 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000050-partition-events.d.ts.map