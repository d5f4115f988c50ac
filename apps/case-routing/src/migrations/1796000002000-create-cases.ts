import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCases1796000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table cases (
        case_id uuid primary key,
        dataset_id text not null,
        position bigint not null,
        record_key text,
        category text not null,
        status text not null,
        grid_id text not null,
        latitude double precision,
        longitude double precision,
        cell_id text,
        unit_id text references units,
        summary text,
        occurred_at timestamptz,
        opened_at timestamptz not null,
        dispatched_at timestamptz,
        due_at timestamptz,
        returns integer not null default 0,
        handled_by text,
        version integer not null,
        unique (dataset_id, position)
      );
      create index cases_newest on cases (opened_at desc, case_id desc);
      create index cases_of_unit on cases (unit_id, opened_at desc, case_id desc);
      create index cases_in_cell on cases (cell_id, opened_at desc, case_id desc);
      create index cases_by_status on cases (status, opened_at desc, case_id desc);
      create index cases_unrouted on cases (case_id)
        where status in ('reported', 'located') and returns = 0 and (cell_id is not null or latitude is not null);
      create table case_steps (
        case_id uuid not null references cases,
        version integer not null,
        status text not null,
        at timestamptz not null,
        actor_id text not null,
        cell_id text,
        unit_id text,
        note text,
        primary key (case_id, version)
      );
      create table intakes (
        agreement_id uuid primary key,
        subscription_id uuid,
        cursor text,
        last_error text,
        updated_at timestamptz not null
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table intakes, case_steps, cases`);
  }
}
