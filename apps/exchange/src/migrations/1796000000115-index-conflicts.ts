import type { MigrationInterface, QueryRunner } from 'typeorm';

// Whoever asks for its own conflicts must not go through those that others piled up under the same source and id.
export class IndexConflicts1796000000115 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX event_conflicts_by_publisher ON event_conflicts (source, event_id, publisher, recorded_at)`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX event_conflicts_by_publisher');
  }
}
