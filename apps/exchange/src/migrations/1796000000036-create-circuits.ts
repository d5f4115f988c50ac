import type { MigrationInterface, QueryRunner } from 'typeorm';

// By department and address: a department that names another's address and is refused there must not delay the other.
// A row is there only while an endpoint fails.
export class CreateCircuits1796000000036 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE endpoint_circuits (
        consumer_department text NOT NULL,
        url text NOT NULL,
        failures integer NOT NULL,
        opened integer NOT NULL,
        open_until timestamptz,
        probe_by uuid,
        probe_until timestamptz,
        PRIMARY KEY (consumer_department, url)
      );`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE endpoint_circuits');
  }
}
