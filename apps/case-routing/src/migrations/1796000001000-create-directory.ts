import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDirectory1796000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table units (
        unit_id text primary key,
        department_code text not null,
        names jsonb not null,
        version integer not null
      );
      create index units_by_department on units (department_code);
      create table directories (
        directory_id text primary key,
        version integer not null
      );
      insert into directories values ('directory', 1);
      create table directory_entries (
        line integer primary key,
        category text not null,
        grid_id text not null,
        cell_ids text[],
        unit_id text not null references units,
        limit_working_days integer not null check (limit_working_days > 0)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table directory_entries, directories, units`);
  }
}
