import type { EntityManager } from 'typeorm';
import type { GridCell } from './grid-cell.entity';

/** Writes new and changed cells with one statement: a city has thousands. */
export async function upsertCells(
  gridId: string,
  cells: Omit<GridCell, 'gridId' | 'status'>[],
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `INSERT INTO grid_cells (grid_id, cell_id, names, geometry, digest, status, version)
     SELECT $1, cell_id, names::jsonb, geometry::jsonb, digest, 'active', version
       FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[]) AS c (cell_id, names, geometry, digest, version)
     ON CONFLICT (grid_id, cell_id) DO UPDATE SET names = excluded.names, geometry = excluded.geometry,
       digest = excluded.digest, status = excluded.status, version = excluded.version`,
    [
      gridId,
      cells.map((cell) => cell.cellId),
      cells.map((cell) => JSON.stringify(cell.names)),
      cells.map((cell) => JSON.stringify(cell.geometry)),
      cells.map((cell) => cell.digest),
      cells.map((cell) => cell.version),
    ],
  );
}

/** Retires cells, each with its next version. */
export async function retireCells(
  gridId: string,
  cells: { cellId: string; version: number }[],
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `UPDATE grid_cells SET status = 'retired', version = c.version
       FROM unnest($2::text[], $3::int[]) AS c (cell_id, version)
      WHERE grid_cells.grid_id = $1 AND grid_cells.cell_id = c.cell_id`,
    [gridId, cells.map((cell) => cell.cellId), cells.map((cell) => cell.version)],
  );
}
