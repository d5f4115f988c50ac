import type { MigrationInterface, QueryRunner } from 'typeorm';

// Who was given an event: a row for each page, so the index is small beside the ledger's.
export class IndexDisclosures1796000000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX disclosures_by_agreement ON disclosures (agreement_id, last_position)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX disclosures_by_agreement');
  }
}
