import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One line of the dispatch directory. */
@Entity('directory_entries')
export class DirectoryEntry {
  /** Its place in the directory as it was put, from 0. */
  @PrimaryColumn('integer') line: number;
  @Column('text') category: string;
  @Column('text', { name: 'grid_id' }) gridId: string;
  /** Null: the whole grid. */
  @Column('text', { name: 'cell_ids', array: true, nullable: true }) cellIds: string[] | null;
  @Column('text', { name: 'unit_id' }) unitId: string;
  @Column('integer', { name: 'limit_working_days' }) limitWorkingDays: number;
}

/** The one directory; its row is the lock under which it is replaced. */
@Entity('directories')
export class DispatchDirectory {
  @PrimaryColumn('text', { name: 'directory_id' }) directoryId: string;
  @Column('integer') version: number;
}
