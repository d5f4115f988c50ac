import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever was shown the `traceId` of a refusal finds its entries by it. */
export class EntriesByTrace1796000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE entries ADD COLUMN trace_id text');
    // What an entry says stays as it is; the column only repeats it.
    await runner.query('ALTER TABLE entries DISABLE TRIGGER entries_append_only');
    await runner.query(`
      UPDATE entries SET trace_id = body::jsonb ->> 'traceId' WHERE body LIKE '%"traceId":%'`);
    await runner.query('ALTER TABLE entries ENABLE TRIGGER entries_append_only');
    await runner.query('CREATE INDEX entries_trace_id ON entries (trace_id, index) WHERE trace_id IS NOT NULL');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE entries DROP COLUMN trace_id');
  }
}
