import type { CaseStatus } from '@govbus/contracts';
import type { Assignment } from '../directory/directory.rules';
import type { Point } from '../grids/grid-index';

/** What routing needs to know of a case. */
export type Routable = {
  category: string;
  gridId: string;
  latitude?: number | null;
  longitude?: number | null;
  cellId?: string | null;
};
/** The grids, the directory and the calendar, as they stand. */
export type Ways = {
  locate: (gridId: string, point: Point) => string | undefined;
  assign: (category: string, gridId: string, cellId: string | undefined) => Assignment | undefined;
  dueAfter: (start: Date, workingDays: number) => Date;
};
/** How far a case came by itself: the stages it reached, in order, and what they brought. */
export type Routed = { statuses: CaseStatus[]; cellId?: string; unitId?: string; dueAt?: Date };

/**
 * Takes a case as far as its place and the directory allow: `located`, then `dispatched`.
 *
 * Shape: a case that already has its cell keeps it. No stage is reached when the place is unknown or outside every cell.
 * The unit's clock starts at `now`, the moment of dispatch.
 */
export function route(matter: Routable, ways: Ways, now: Date): Routed {
  const statuses: CaseStatus[] = [];
  const cellId = matter.cellId ?? locate(matter, ways);
  if (cellId === undefined) return { statuses };
  if (!matter.cellId) statuses.push('located');
  const assignment = ways.assign(matter.category, matter.gridId, cellId);
  if (!assignment) return { statuses, cellId };
  statuses.push('dispatched');
  return { statuses, cellId, unitId: assignment.unitId, dueAt: ways.dueAfter(now, assignment.limitWorkingDays) };
}

function locate({ gridId, latitude, longitude }: Routable, ways: Ways): string | undefined {
  const isPlaced = typeof latitude === 'number' && typeof longitude === 'number';
  return isPlaced ? ways.locate(gridId, { latitude, longitude }) : undefined;
}
