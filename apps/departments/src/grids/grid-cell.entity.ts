import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CellGeometry } from './geojson.rules';

/** One polygon of a grid, WGS 84. A cell that an import leaves out is retired, never deleted. */
@Entity('grid_cells')
export class GridCell {
  @PrimaryColumn('text', { name: 'grid_id' }) gridId: string;
  @PrimaryColumn('text', { name: 'cell_id' }) cellId: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('jsonb') geometry: CellGeometry;
  /** Of names and geometry: tells whether an import changes the cell. */
  @Column('text') digest: string;
  @Column('text') status: 'active' | 'retired';
  @Column('integer') version: number;
}
