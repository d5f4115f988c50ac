import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRegistryWatch1796000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Unlogged: it is written several times a second and worth nothing after a crash.
    await runner.query(`
      CREATE UNLOGGED TABLE registry_watch (
        topic text PRIMARY KEY,
        caught_up_at timestamptz NOT NULL
      ) WITH (fillfactor = 50);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE registry_watch');
  }
}
