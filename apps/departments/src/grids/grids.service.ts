import { Conflict, GridCellRecord, type GridCellRecordV1, NotFound } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import { actorOf, assertIfMatch, Audit, type Caller, lockOrFail, readCursor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { Any, DataSource, type EntityManager } from 'typeorm';
import { insertIfNew } from '../insert-if-new';
import { Grid } from './grid.entity';
import { GridCell } from './grid-cell.entity';
import { compareCells, readCells } from './grid-cell.rules';
import { retireCells, upsertCells } from './grid-cells.sql';
import type { CellsQuery, GridImportResponse, GridOrder, ListedCell } from './grids.dto';

type Imported = { version: number; counts: GridImportResponse };

@Injectable()
export class GridsService {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  create({ gridId, names }: GridOrder, caller: Caller): Promise<Grid> {
    return this.db.transaction(async (tx) => {
      const grid = tx.create(Grid, { gridId, names, version: 1 });
      if (!(await insertIfNew(Grid, grid, tx)))
        throw new Conflict('grid.duplicate', `there is a grid \`${gridId}\` already`);
      await this.record('create', grid, undefined, caller, tx);
      return grid;
    });
  }

  /** Replaces the cells of a grid by those of a GeoJSON FeatureCollection; answers its version too. */
  import(gridId: string, body: unknown, ifMatch: string | undefined, caller: Caller): Promise<Imported> {
    const cells = readCells(body);
    return this.db.transaction(async (tx) => {
      const grid = await lockOrFail(Grid, { gridId }, tx);
      assertIfMatch(ifMatch, grid.version);
      const stored = await tx.find(GridCell, {
        where: { gridId },
        select: { gridId: true, cellId: true, digest: true, status: true, version: true },
      });
      const { changed, retired, unchanged } = compareCells(stored, cells);
      const counts = { imported: changed.length, unchanged, retired: retired.length };
      if (changed.length + retired.length === 0) return { version: grid.version, counts };
      await upsertCells(gridId, changed, tx);
      await retireCells(gridId, retired, tx);
      const version = grid.version + 1;
      await tx.update(Grid, { gridId }, { version });
      // `In` makes a parameter of each, and a statement has 65,535 at most.
      const gone = await tx.findBy(GridCell, { gridId, cellId: Any(retired.map((cell) => cell.cellId)) });
      await this.outbox.addAll(
        GridCellRecord,
        [
          ...changed.map(({ cellId, names, geometry, version }) => ({ cellId, names, geometry, version })),
          ...gone.map(({ cellId, names, geometry, version }) => ({ cellId, names, geometry, version })),
        ].map((cell, i): GridCellRecordV1 => ({ gridId, ...cell, status: i < changed.length ? 'active' : 'retired' })),
        tx,
      );
      await this.record('import', grid, changed.length + retired.length, caller, tx);
      return { version, counts };
    });
  }

  /** One row more than asked for, so that the caller sees whether there is a next page. */
  async cells(gridId: string, { limit, cursor, geometry }: CellsQuery): Promise<ListedCell[]> {
    if (!(await this.db.manager.existsBy(Grid, { gridId })))
      throw new NotFound('grid.unknown', `there is no grid \`${gridId}\``);
    const after = readCursor(cursor, 1);
    const rows = this.db.manager
      .createQueryBuilder(GridCell, 'c')
      .select(['c.gridId', 'c.cellId', 'c.names', 'c.status', 'c.version'])
      .where('c.gridId = :gridId', { gridId })
      .orderBy('c.cellId')
      .limit(limit + 1);
    if (after) rows.andWhere('c.cellId > :after', { after: String(after[0]) });
    if (geometry === 'true') rows.addSelect('c.geometry');
    return rows.getMany();
  }

  private record(
    verb: 'create' | 'import',
    { gridId }: Grid,
    records: number | undefined,
    caller: Caller,
    tx: EntityManager,
  ): Promise<void> {
    return this.audit.record(
      {
        action: 'administer',
        operation: `grids:${verb}`,
        outcome: 'done',
        actor: actorOf(caller),
        entity: `grid:${gridId}`,
        ...(records !== undefined && { records }),
      },
      tx,
    );
  }
}
