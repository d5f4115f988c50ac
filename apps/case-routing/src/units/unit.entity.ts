import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A unit that handles cases, part of one department. */
@Entity('units')
export class Unit {
  @PrimaryColumn('text', { name: 'unit_id' }) unitId: string;
  @Column('text', { name: 'department_code' }) departmentCode: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('integer') version: number;
}
