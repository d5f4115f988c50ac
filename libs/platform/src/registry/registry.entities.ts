import type { PrincipalKind, RegistryStatus } from '@govbus/contracts';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** A department, as the registry last told. */
@Entity('departments')
export class DepartmentCopy {
  @PrimaryColumn('text', { name: 'department_code' }) departmentCode: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('text') status: RegistryStatus;
  @Column('integer') version: number;
}

/** A system or officer, as the registry last told. */
@Entity('principals')
export class PrincipalCopy {
  @PrimaryColumn('text', { name: 'principal_id' }) principalId: string;
  @Column('text') kind: PrincipalKind;
  @Column('text', { name: 'department_code' }) departmentCode: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('jsonb') roles: string[];
  @Column('text') status: RegistryStatus;
  @Column('integer') version: number;
}

class CreateRegistryCopy1795000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE departments (
        department_code text PRIMARY KEY,
        names jsonb NOT NULL,
        status text NOT NULL,
        version integer NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE principals (
        principal_id text PRIMARY KEY,
        kind text NOT NULL,
        department_code text NOT NULL,
        names jsonb NOT NULL,
        roles jsonb NOT NULL,
        status text NOT NULL,
        version integer NOT NULL
      )`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE principals, departments');
  }
}

/** The tables of the registry copy: for every service but departments, which owns the originals. */
export const registryMigrations: (new () => MigrationInterface)[] = [CreateRegistryCopy1795000002000];
