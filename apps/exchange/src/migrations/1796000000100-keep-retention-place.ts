import type { MigrationInterface, QueryRunner } from 'typeorm';

// How far the look at a dataset that is under way has come, and as which version of the dataset it began.
export class KeepRetentionPlace1796000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE dataset_retention
        ADD COLUMN looked_version integer,
        ADD COLUMN looked_period date,
        ADD COLUMN looked_position bigint;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE dataset_retention
        DROP COLUMN looked_version, DROP COLUMN looked_period, DROP COLUMN looked_position`);
  }
}
