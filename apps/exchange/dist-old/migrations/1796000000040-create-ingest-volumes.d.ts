import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateIngestVolumes1796000000040 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000040-create-ingest-volumes.d.ts.map