import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * No search goes by the place in the log any longer. Apart from the migration before: in its transaction, which keeps the
 * writer out, this would wait for a writer that waits for it.
 */
export class DropOrderByPlace1796000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX entries_case_reference, entries_subscription_id, entries_agreement_id, entries_dataset_id, entries_actor_id`);
  }
  async down(runner: QueryRunner): Promise<void> {
    for (const column of ['actor_id', 'dataset_id', 'agreement_id', 'subscription_id'])
      await runner.query(`CREATE INDEX entries_${column} ON entries (${column}, index)`);
    await runner.query(`
      CREATE INDEX entries_case_reference ON entries ((body::jsonb ->> 'caseReference'), index)
       WHERE body::jsonb ->> 'caseReference' IS NOT NULL`);
  }
}
