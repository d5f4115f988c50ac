import type { MigrationInterface, QueryRunner } from 'typeorm';

// Apart from `event_ids`, so that an event that comes once costs nothing more.
export class CreateDuplicates1796000000061 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_duplicates (
        source text NOT NULL,
        event_id text NOT NULL,
        times bigint NOT NULL,
        last_at timestamptz NOT NULL,
        PRIMARY KEY (source, event_id)
      ) WITH (fillfactor = 90);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_duplicates');
  }
}
