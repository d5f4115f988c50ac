import type { MigrationInterface, QueryRunner } from 'typeorm';

// Not every disclosure belongs to a subscription; purpose and way of delivery then stand in the row itself.
export class WidenDisclosures1796000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE disclosures
        ALTER COLUMN subscription_id DROP NOT NULL,
        ADD COLUMN export_id uuid,
        ADD COLUMN purpose text,
        ADD COLUMN mode text,
        ADD COLUMN case_reference text;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM disclosures WHERE subscription_id IS NULL;
      ALTER TABLE disclosures
        ALTER COLUMN subscription_id SET NOT NULL,
        DROP COLUMN export_id, DROP COLUMN purpose, DROP COLUMN mode, DROP COLUMN case_reference`);
  }
}
