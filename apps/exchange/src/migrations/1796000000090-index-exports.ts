import type { MigrationInterface, QueryRunner } from 'typeorm';

// Exports stay known for 30 days: what is asked of the few that are kept must not look at all of them.
export class IndexExports1796000000090 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX exports_kept ON exports (consumer_department) WHERE status IN ('queued', 'running', 'done');
      CREATE INDEX exports_ended ON exports (created_at) WHERE status IN ('failed', 'stopped', 'expired');`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX exports_kept, exports_ended');
  }
}
