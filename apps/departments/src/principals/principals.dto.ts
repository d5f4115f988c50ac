import {
  IsDepartmentCode,
  IsNames,
  IsSlug,
  registryStatuses,
  type RegistryStatus,
  type Scope,
  scopes,
} from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayUnique, IsArray, IsIn, IsOptional } from 'class-validator';
import { namesProperty } from '../departments/departments.dto';
import type { Principal } from './principal.entity';

/** Roles that officers can be given; `admin` belongs to the bootstrap client alone. */
export const officerRoles = ['sharing-officer', 'data-steward', 'case-officer', 'dispatcher', 'auditor'] as const;
export type OfficerRole = (typeof officerRoles)[number];

export class SystemOrder {
  @IsSlug() systemId: string;
  @IsDepartmentCode() departmentCode: string;
  @ApiProperty(namesProperty) @IsNames() names: Record<string, string>;
  @ApiProperty({ enum: scopes, isArray: true }) @IsArray() @ArrayUnique() @IsIn(scopes, { each: true }) scopes: Scope[];
}

export class OfficerOrder {
  @IsSlug() officerId: string;
  @IsDepartmentCode() departmentCode: string;
  @ApiProperty(namesProperty) @IsNames() names: Record<string, string>;
  @ApiProperty({ enum: officerRoles, isArray: true })
  @IsArray()
  @ArrayUnique()
  @IsIn(officerRoles, { each: true })
  roles: OfficerRole[];
  @ApiProperty({ enum: scopes, isArray: true }) @IsArray() @ArrayUnique() @IsIn(scopes, { each: true }) scopes: Scope[];
}

export class PrincipalsQuery extends PageQuery {
  @IsOptional() @IsIn(registryStatuses) status?: RegistryStatus;
  @IsOptional() @IsDepartmentCode() departmentCode?: string;
}

class PrincipalResponse {
  @ApiProperty() departmentCode: string;
  @ApiProperty(namesProperty) names: Record<string, string>;
  @ApiProperty({ type: [String] }) scopes: string[];
  @ApiProperty({ enum: registryStatuses }) status: RegistryStatus;
  @ApiProperty() version: number;
}

export class SystemResponse extends PrincipalResponse {
  @ApiProperty() systemId: string;

  static from({ principalId, departmentCode, names, scopes, status, version }: Principal): SystemResponse {
    return { systemId: principalId, departmentCode, names, scopes, status, version };
  }
}

export class OfficerResponse extends PrincipalResponse {
  @ApiProperty() officerId: string;
  @ApiProperty({ type: [String] }) roles: string[];

  static from({ principalId, departmentCode, names, roles, scopes, status, version }: Principal): OfficerResponse {
    return { officerId: principalId, departmentCode, names, roles, scopes, status, version };
  }
}

export class SystemPage {
  @ApiProperty({ type: [SystemResponse] }) items: SystemResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}

export class OfficerPage {
  @ApiProperty({ type: [OfficerResponse] }) items: OfficerResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
