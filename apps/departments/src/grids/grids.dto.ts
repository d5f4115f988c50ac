import { IsNames, IsSlug } from '@govbus/contracts';
import { PageQuery } from '@govbus/platform';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { namesProperty } from '../departments/departments.dto';
import type { CellGeometry } from './geojson.rules';
import type { Grid } from './grid.entity';
import type { GridCell } from './grid-cell.entity';

export class GridOrder {
  @IsSlug() gridId: string;
  @ApiProperty(namesProperty) @IsNames() names: Record<string, string>;
}

export class GridResponse {
  @ApiProperty() gridId: string;
  @ApiProperty(namesProperty) names: Record<string, string>;
  @ApiProperty() version: number;

  static from({ gridId, names, version }: Grid): GridResponse {
    return { gridId, names, version };
  }
}

export class GridImportResponse {
  /** Cells that are new, differ or came back. */
  @ApiProperty() imported: number;
  @ApiProperty() unchanged: number;
  @ApiProperty() retired: number;
}

export class CellsQuery extends PageQuery {
  @IsOptional() @IsIn(['true', 'false']) geometry?: 'true' | 'false';
}

export class GridCellResponse {
  @ApiProperty() gridId: string;
  @ApiProperty() cellId: string;
  @ApiProperty(namesProperty) names: Record<string, string>;
  @ApiProperty({ enum: ['active', 'retired'] }) status: 'active' | 'retired';
  @ApiProperty() version: number;
  /** GeoJSON, only with `geometry=true`. */
  @ApiProperty({ selfRequired: false, type: 'object', additionalProperties: true }) geometry?: CellGeometry;

  static from({ gridId, cellId, names, status, version, geometry }: ListedCell): GridCellResponse {
    return { gridId, cellId, names, status, version, ...(geometry && { geometry }) };
  }
}
/** A cell as it is listed: with its geometry only when that was asked for. */
export type ListedCell = Omit<GridCell, 'geometry' | 'digest'> & { geometry?: CellGeometry };

export class GridCellPage {
  @ApiProperty({ type: [GridCellResponse] }) items: GridCellResponse[];
  @ApiProperty({ required: false }) nextCursor?: string;
}
