import type { MigrationInterface, QueryRunner } from 'typeorm';
export declare class CreateDeadLetters1796000000012 implements MigrationInterface {
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
//# sourceMappingURL=1796000000012-create-dead-letters.d.ts.map