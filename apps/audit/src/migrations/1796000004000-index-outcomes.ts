import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was refused, by anybody, by one actor or in one dataset, and the acts that are few, are found without passing all that
 * was done: of that, which is nearly everything, these indexes hold nothing.
 */
export class IndexOutcomes1796000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX entries_outcome ON entries (outcome, time, index) WHERE outcome <> 'done'`);
    for (const column of ['actor_id', 'dataset_id'])
      await runner.query(
        `CREATE INDEX entries_${column}_outcome ON entries (${column}, outcome, time, index) WHERE outcome <> 'done'`,
      );
    await runner.query(`
      CREATE INDEX entries_action ON entries (action, time, index) WHERE action <> ALL ('{publish,disclose}')`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP INDEX entries_action, entries_dataset_id_outcome, entries_actor_id_outcome, entries_outcome',
    );
  }
}
