import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who handled a case stands in its steps. */
export class DropHandledBy1796000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table cases drop column handled_by`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table cases add column handled_by text`);
  }
}
