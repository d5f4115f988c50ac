import type { MigrationInterface, QueryRunner } from 'typeorm';

// Old disclosures go, those of held datasets stay: by agreement, so that nobody goes through what stays to find what goes.
export class IndexOldDisclosures1796000000080 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX disclosures_by_time ON disclosures (agreement_id, disclosed_at)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX disclosures_by_time');
  }
}
