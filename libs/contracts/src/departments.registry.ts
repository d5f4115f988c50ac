import { Allow, IsArray, IsIn, IsInt, IsObject, IsString, Min } from 'class-validator';
import { defineRecord } from './contract';
import { IsDepartmentCode, IsNames, IsSlug, principalKinds, type PrincipalKind } from './identity';

export const registryStatuses = ['active', 'suspended'] as const;
export type RegistryStatus = (typeof registryStatuses)[number];

/** A department as every service copies it. */
export class DepartmentRecordV1 {
  @IsDepartmentCode() departmentCode: string;
  @IsNames() names: Record<string, string>;
  @IsIn(registryStatuses) status: RegistryStatus;
  @IsInt() @Min(1) version: number;
}

/** A system or an officer: whoever a token's `sub` may name. `principalId` is the OAuth `client_id`. */
export class PrincipalRecordV1 {
  @IsSlug() principalId: string;
  @IsIn(principalKinds) kind: PrincipalKind;
  @IsDepartmentCode() departmentCode: string;
  @IsNames() names: Record<string, string>;
  @IsArray() @IsString({ each: true }) roles: string[];
  @IsIn(registryStatuses) status: RegistryStatus;
  @IsInt() @Min(1) version: number;
}

/** One polygon of a grid. `geometry` is a GeoJSON Polygon or MultiPolygon, WGS 84 (EPSG:4326), longitude first. */
export class GridCellRecordV1 {
  @IsSlug() gridId: string;
  @IsSlug() cellId: string;
  @IsNames() names: Record<string, string>;
  @Allow() @IsObject() geometry: { type: 'Polygon' | 'MultiPolygon'; coordinates: unknown[] };
  @IsIn(['active', 'retired']) status: 'active' | 'retired';
  @IsInt() @Min(1) version: number;
}

export const DepartmentRecord = defineRecord<DepartmentRecordV1>('departments.department.v1', {
  topic: 'departments.registry',
  data: DepartmentRecordV1,
  key: (d) => `department:${d.departmentCode}`,
});
export const PrincipalRecord = defineRecord<PrincipalRecordV1>('departments.principal.v1', {
  topic: 'departments.registry',
  data: PrincipalRecordV1,
  key: (d) => `principal:${d.principalId}`,
});
export const GridCellRecord = defineRecord<GridCellRecordV1>('departments.grid-cell.v1', {
  topic: 'departments.registry',
  data: GridCellRecordV1,
  key: (d) => `grid-cell:${d.gridId}/${d.cellId}`,
});
