import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOidcArtifacts1796000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE oidc_artifacts (
        model text NOT NULL,
        id text COLLATE "C" NOT NULL,
        payload jsonb NOT NULL,
        grant_id text,
        uid text,
        user_code text,
        consumed_at timestamptz,
        expires_at timestamptz,
        PRIMARY KEY (model, id)
      );
      CREATE INDEX oidc_artifacts_by_grant ON oidc_artifacts (grant_id) WHERE grant_id IS NOT NULL;
      CREATE INDEX oidc_artifacts_by_uid ON oidc_artifacts (model, uid) WHERE uid IS NOT NULL;
      CREATE INDEX oidc_artifacts_by_user_code ON oidc_artifacts (model, user_code) WHERE user_code IS NOT NULL;
      CREATE INDEX oidc_artifacts_by_expiry ON oidc_artifacts (expires_at);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE oidc_artifacts');
  }
}
