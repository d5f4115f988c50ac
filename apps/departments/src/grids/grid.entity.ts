import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A set of cells that is imported as a whole. Its version rises with every import. */
@Entity('grids')
export class Grid {
  @PrimaryColumn('text', { name: 'grid_id' }) gridId: string;
  @Column('jsonb') names: Record<string, string>;
  @Column('integer') version: number;
}
