import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRetention1796000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE datasets
        ADD COLUMN retention_days integer CHECK (retention_days >= 1),
        ADD COLUMN legal_hold boolean NOT NULL DEFAULT false`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE datasets DROP COLUMN retention_days, DROP COLUMN legal_hold');
  }
}
