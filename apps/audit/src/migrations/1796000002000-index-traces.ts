import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever was shown the `traceId` of a refusal finds its entries by it. The entries say it themselves: no column does. */
export class IndexTraces1796000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX entries_trace_id ON entries ((body::jsonb ->> 'traceId'), index)
       WHERE body::jsonb ->> 'traceId' IS NOT NULL`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX entries_trace_id');
  }
}
