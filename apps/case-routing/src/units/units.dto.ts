import { IsDepartmentCode, IsNames, IsSlug } from '@govbus/contracts';
import { ApiProperty } from '@nestjs/swagger';
import type { Unit } from './unit.entity';

export class NewUnit {
  @IsSlug() unitId: string;
  @IsDepartmentCode() departmentCode: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) @IsNames() names: Record<string, string>;
}

export class UnitView {
  @ApiProperty() unitId: string;
  @ApiProperty() departmentCode: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) names: Record<string, string>;
  @ApiProperty() version: number;

  static from({ unitId, departmentCode, names, version }: Unit): UnitView {
    return { unitId, departmentCode, names, version };
  }
}

export class UnitPage {
  @ApiProperty({ type: [UnitView] }) items: UnitView[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
