import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCatalog1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE datasets (
        dataset_id text PRIMARY KEY,
        names jsonb NOT NULL,
        responsible_department text NOT NULL,
        publishers jsonb NOT NULL,
        sharing_attribute text NOT NULL CHECK (sharing_attribute IN ('unconditional', 'conditional', 'not-shared')),
        legal_basis text NOT NULL,
        key_pointer text NOT NULL,
        data_subject_pointer text,
        fields jsonb NOT NULL,
        case_mapping jsonb,
        status text NOT NULL CHECK (status IN ('active', 'retired')),
        version integer NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE schema_versions (
        dataset_id text NOT NULL REFERENCES datasets,
        schema_version integer NOT NULL,
        schema jsonb NOT NULL,
        PRIMARY KEY (dataset_id, schema_version)
      )`);
    await runner.query(`
      CREATE TABLE agreements (
        agreement_id uuid PRIMARY KEY,
        dataset_id text NOT NULL REFERENCES datasets,
        provider_department text NOT NULL,
        consumer_department text NOT NULL,
        status text NOT NULL CHECK (status IN ('draft', 'approved', 'in-force', 'suspended', 'revoked')),
        terms jsonb NOT NULL,
        version integer NOT NULL
      )`);
    await runner.query('CREATE INDEX agreements_dataset ON agreements (dataset_id)');
    await runner.query('CREATE INDEX agreements_consumer ON agreements (consumer_department)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE agreements, schema_versions, datasets');
  }
}
