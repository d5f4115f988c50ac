import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateFilters1796000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE subscriptions ADD COLUMN filters jsonb NOT NULL DEFAULT '[]'`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscriptions DROP COLUMN filters');
  }
}
