import type { MigrationInterface, QueryRunner } from 'typeorm';

// A row while the ledger is written anew, also when whoever did it was killed: what is not whole must not be shown as if
// it were.
export class TellOfRebuilds1796000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_rebuilds (
        is_running boolean PRIMARY KEY DEFAULT true CHECK (is_running),
        begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ledger_rebuilds');
  }
}
