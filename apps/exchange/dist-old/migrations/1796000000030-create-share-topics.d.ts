import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateShareTopics1796000000030 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000030-create-share-topics.d.ts.map