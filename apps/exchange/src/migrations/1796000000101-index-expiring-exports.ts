import type { MigrationInterface, QueryRunner } from 'typeorm';

// Files are many, and those that end at a time, or with an agreement, are few.
export class IndexExpiringExports1796000000101 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX exports_expiring ON exports (expires_at) WHERE status = 'done';
      CREATE INDEX exports_by_agreement ON exports (agreement_id) WHERE status = 'done';`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX exports_expiring, exports_by_agreement');
  }
}
