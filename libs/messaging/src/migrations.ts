import type { MigrationInterface, QueryRunner } from 'typeorm';

class CreateMessaging1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic text NOT NULL,
        key text NOT NULL,
        value text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE inbox (
        consumer text NOT NULL,
        event_id text NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, event_id)
      )`);
    await runner.query(`
      CREATE TABLE parked_messages (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key bytea,
        value bytea,
        type text,
        code text NOT NULL,
        detail text NOT NULL,
        attempts integer NOT NULL,
        parked_at timestamptz NOT NULL,
        replayed_at timestamptz,
        UNIQUE (topic, partition, "offset")
      )`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE parked_messages, inbox, outbox');
  }
}

class IndexInbox1795000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX inbox_by_age ON inbox (received_at)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX inbox_by_age');
  }
}

class CreateDatabaseIdentity1795000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE database_identity (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        id uuid NOT NULL DEFAULT gen_random_uuid()
      )`);
    await runner.query('INSERT INTO database_identity DEFAULT VALUES');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE database_identity');
  }
}

/** The tables outbox, inbox, parked_messages and database_identity: every service runs these first. */
export const messagingMigrations: (new () => MigrationInterface)[] = [
  CreateMessaging1795000000000,
  IndexInbox1795000000001,
  CreateDatabaseIdentity1795000000002,
];
