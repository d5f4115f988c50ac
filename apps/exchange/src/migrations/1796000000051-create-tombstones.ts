import type { MigrationInterface, QueryRunner } from 'typeorm';

// A tombstone is an event with `schema_version` 0. What it removed is needed to say who may be told; it is kept apart, so
// that other events cost nothing more.
export class CreateTombstones1796000000051 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE tombstones (
        dataset_id text NOT NULL,
        position bigint NOT NULL,
        removed_position bigint NOT NULL,
        PRIMARY KEY (dataset_id, position)
      );
      CREATE INDEX tombstones_by_removed ON tombstones (dataset_id, removed_position);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE tombstones');
  }
}
