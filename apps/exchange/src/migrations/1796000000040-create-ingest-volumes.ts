import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIngestVolumes1796000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ingest_volumes (
        day date NOT NULL,
        system text NOT NULL,
        bytes bigint NOT NULL,
        PRIMARY KEY (day, system)
      )`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ingest_volumes');
  }
}
