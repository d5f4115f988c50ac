import type { MigrationInterface, QueryRunner } from 'typeorm';

// Positions do not follow the times of record strictly: partitions are read at different speeds. A mark says up to which
// position everything was recorded by a time, so that a time is found without reading all that came before it. Of what
// was stored before, nobody knows more than that it was recorded by now.
export class MarkLedgerTimes1796000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_times (
        dataset_id text NOT NULL,
        recorded_at timestamptz NOT NULL,
        last_position bigint NOT NULL,
        PRIMARY KEY (dataset_id, recorded_at)
      );
      ALTER TABLE dataset_heads
        ADD COLUMN newest timestamptz NOT NULL DEFAULT '-infinity',
        ADD COLUMN marked_at timestamptz NOT NULL DEFAULT '-infinity',
        ADD COLUMN marked_position bigint NOT NULL DEFAULT 0;
      UPDATE dataset_heads SET newest = now(), marked_at = now(), marked_position = last_position
       WHERE last_position > 0;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE ledger_times;
      ALTER TABLE dataset_heads DROP COLUMN newest, DROP COLUMN marked_at, DROP COLUMN marked_position`);
  }
}
