import type { PrincipalKind, RegistryStatus, Scope } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A system or an officer: whoever a token may be issued to. `principalId` is its OAuth client id. */
@Entity('principals')
export class Principal {
  @PrimaryColumn('text', { name: 'principal_id' }) principalId: string;
  @Column('text') kind: PrincipalKind;
  @Column('text', { name: 'department_code' }) departmentCode: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('text', { array: true }) roles: string[];
  @Column('text', { array: true }) scopes: Scope[];
  @Column('text') status: RegistryStatus;
  @Column('integer') version: number;
}
