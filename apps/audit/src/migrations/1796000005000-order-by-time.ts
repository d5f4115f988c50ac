import type { MigrationInterface, QueryRunner } from 'typeorm';

// Found in an index alone is only what VACUUM has seen, which looks at a table that only grows when it is a fifth larger.
const often = ['autovacuum_vacuum_insert_scale_factor', 'autovacuum_analyze_scale_factor'];

/**
 * Searches show the newest first by their time, so that `from` and `to` cut out a piece of an index and none walks through
 * what is newer. What has few entries by its nature (a person, a trace, a single thing) is sorted when it is found.
 */
export class OrderByTime1796000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of ['actor_id', 'dataset_id', 'agreement_id', 'subscription_id'])
      await runner.query(`CREATE INDEX entries_${column}_time ON entries (${column}, time, index)`);
    await runner.query(`
      CREATE INDEX entries_case_reference_time ON entries ((body::jsonb ->> 'caseReference'), time, index)
       WHERE body::jsonb ->> 'caseReference' IS NOT NULL`);
    await runner.query(`ALTER TABLE entries SET (${often.map((setting) => `${setting} = 0.01`).join()})`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE entries RESET (${often.join()})`);
    await runner.query(`
      DROP INDEX entries_case_reference_time, entries_subscription_id_time, entries_agreement_id_time,
        entries_dataset_id_time, entries_actor_id_time`);
  }
}
