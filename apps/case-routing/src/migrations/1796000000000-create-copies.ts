import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCopies1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table grid_cells (
        grid_id text not null,
        cell_id text not null,
        names jsonb not null,
        geometry jsonb not null,
        status text not null,
        version integer not null,
        primary key (grid_id, cell_id)
      );
      create table datasets (
        dataset_id text primary key,
        key_pointer text not null,
        case_mapping jsonb,
        status text not null,
        version integer not null
      );
      create table agreements (
        agreement_id uuid primary key,
        dataset_id text not null,
        consumer_department text not null,
        status text not null,
        terms jsonb not null,
        version integer not null
      );
      create index agreements_in_force on agreements (consumer_department) where status = 'in-force'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table agreements, datasets, grid_cells`);
  }
}
