import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRegistry1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE departments (
        department_code text COLLATE "C" PRIMARY KEY,
        names jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('active', 'suspended')),
        version integer NOT NULL
      );
      CREATE TABLE principals (
        principal_id text COLLATE "C" PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('system', 'officer')),
        department_code text COLLATE "C" NOT NULL REFERENCES departments,
        names jsonb NOT NULL,
        roles text[] NOT NULL,
        scopes text[] NOT NULL,
        status text NOT NULL CHECK (status IN ('active', 'suspended')),
        version integer NOT NULL
      );
      CREATE INDEX principals_by_kind ON principals (kind, principal_id);
      CREATE INDEX principals_by_department ON principals (department_code);
      CREATE TABLE credentials (
        credential_id uuid PRIMARY KEY,
        principal_id text COLLATE "C" NOT NULL REFERENCES principals,
        method text NOT NULL CHECK (method IN ('secret', 'private-key-jwt')),
        secret_hash text,
        jwks jsonb,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        CHECK ((method = 'secret') = (secret_hash IS NOT NULL)),
        CHECK ((method = 'private-key-jwt') = (jwks IS NOT NULL))
      );
      CREATE INDEX credentials_by_principal ON credentials (principal_id);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE credentials, principals, departments');
  }
}
