import type { GridCellRecordV1 } from '@govbus/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Local copy of a cell of the registry. */
@Entity('grid_cells')
export class GridCell {
  @PrimaryColumn('text', { name: 'grid_id' }) gridId: string;
  @PrimaryColumn('text', { name: 'cell_id' }) cellId: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('jsonb') geometry: GridCellRecordV1['geometry'];
  @Column('text') status: GridCellRecordV1['status'];
  @Column('integer') version: number;
}
