import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateLog1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE entries (
        index bigint PRIMARY KEY,
        entry_id uuid NOT NULL UNIQUE,
        body text NOT NULL,
        time timestamptz NOT NULL,
        action text NOT NULL,
        outcome text NOT NULL,
        actor_id text NOT NULL,
        dataset_id text,
        agreement_id uuid,
        subscription_id uuid,
        subject_keys text[] NOT NULL
      )`);
    for (const column of ['actor_id', 'dataset_id', 'agreement_id', 'subscription_id', 'time'])
      await runner.query(`CREATE INDEX entries_${column} ON entries (${column}, index)`);
    await runner.query('CREATE INDEX entries_subjects ON entries USING gin (subject_keys)');
    await runner.query(`
      CREATE TABLE tiles (
        level integer NOT NULL,
        tile bigint NOT NULL,
        hashes bytea NOT NULL,
        PRIMARY KEY (level, tile)
      )`);
    await runner.query(`
      CREATE TABLE log_state (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        size bigint NOT NULL,
        checkpoint text NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE kafka_offsets (
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (topic, partition)
      )`);
    await runner.query(`
      CREATE TABLE unreadable_entries (
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        value bytea,
        reason text NOT NULL,
        PRIMARY KEY (topic, partition, "offset")
      )`);
    // An entry stays as it was written: whoever changes one does it against the database, and the proofs tell.
    await runner.query(`
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'audit entries are never changed'; END $$`);
    await runner.query(`
      CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE unreadable_entries, kafka_offsets, log_state, tiles, entries');
    await runner.query('DROP FUNCTION refuse_change');
  }
}
