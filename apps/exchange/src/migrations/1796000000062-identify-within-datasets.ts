import type { MigrationInterface, QueryRunner } from 'typeorm';

// An id was taken over the whole bus: whoever may publish anything could take those of another department's events. What
// comes again is counted anew where the ledger no longer knows of which dataset it was.
export class IdentifyWithinDatasets1796000000062 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE event_ids DROP CONSTRAINT event_ids_pkey, ADD PRIMARY KEY (source, event_id, dataset_id);
      ALTER TABLE event_conflicts
        DROP CONSTRAINT event_conflicts_pkey, ADD PRIMARY KEY (source, event_id, dataset_id, digest);
      CREATE INDEX event_conflicts_by_time ON event_conflicts (dataset_id, recorded_at);
      ALTER TABLE event_duplicates ADD COLUMN dataset_id text;
      UPDATE event_duplicates again SET dataset_id = known.dataset_id FROM event_ids known
       WHERE (known.source, known.event_id) = (again.source, again.event_id);
      DELETE FROM event_duplicates WHERE dataset_id IS NULL;
      ALTER TABLE event_duplicates
        DROP CONSTRAINT event_duplicates_pkey, ADD PRIMARY KEY (source, event_id, dataset_id);
      ALTER TABLE removed_ids ADD COLUMN dataset_id text;
      UPDATE removed_ids removed SET dataset_id = known.dataset_id FROM event_ids known
       WHERE (known.source, known.event_id) = (removed.source, removed.event_id);
      DELETE FROM removed_ids WHERE dataset_id IS NULL;
      ALTER TABLE removed_ids ALTER COLUMN dataset_id SET NOT NULL;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE removed_ids DROP COLUMN dataset_id;
      ALTER TABLE event_duplicates DROP CONSTRAINT event_duplicates_pkey, DROP COLUMN dataset_id,
        ADD PRIMARY KEY (source, event_id);
      DROP INDEX event_conflicts_by_time;
      ALTER TABLE event_conflicts
        DROP CONSTRAINT event_conflicts_pkey, ADD PRIMARY KEY (source, event_id, digest);
      ALTER TABLE event_ids DROP CONSTRAINT event_ids_pkey, ADD PRIMARY KEY (source, event_id);`);
  }
}
