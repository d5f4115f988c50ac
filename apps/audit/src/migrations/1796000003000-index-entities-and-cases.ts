import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever holds the id of a disclosure or the number of a case finds its entries by it, in the entries themselves. */
export class IndexEntitiesAndCases1796000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX entries_entity ON entries ((body::jsonb ->> 'entity'), index)
       WHERE body::jsonb ->> 'entity' IS NOT NULL`);
    await runner.query(`
      CREATE INDEX entries_case_reference ON entries ((body::jsonb ->> 'caseReference'), index)
       WHERE body::jsonb ->> 'caseReference' IS NOT NULL`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX entries_case_reference');
    await runner.query('DROP INDEX entries_entity');
  }
}
