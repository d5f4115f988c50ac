import type { RegistryStatus } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A department of the authority. INVARIANT: its code never changes. */
@Entity('departments')
export class Department {
  @PrimaryColumn('text', { name: 'department_code' }) departmentCode: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('text') status: RegistryStatus;
  @Column('integer') version: number;
}
