import type { CaseStatus } from '@govbus/contracts';
import type { ListCursor } from '@govbus/platform';
import type { EntityManager } from 'typeorm';
import { CaseRecord, type CaseStep } from './case.entity';

/** Where the walk over the unrouted cases begins: before every case. */
export const beforeAllCases = '00000000-0000-0000-0000-000000000000';

/** Inserts cases; those whose position is already there are left alone. Gives the ids of the new ones. */
export async function insertCases(cases: readonly CaseRecord[], tx: EntityManager): Promise<Set<string>> {
  const rows: { case_id: string }[] = await tx.query(
    `insert into cases (case_id, dataset_id, position, record_key, category, status, grid_id, latitude, longitude,
        cell_id, unit_id, summary, occurred_at, opened_at, dispatched_at, due_at, version)
     select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::double precision[], $9::double precision[], $10::text[], $11::text[], $12::text[], $13::timestamptz[],
        $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::integer[])
     on conflict (dataset_id, position) do nothing
     returning case_id`,
    [
      cases.map((c) => c.caseId),
      cases.map((c) => c.datasetId),
      cases.map((c) => c.position),
      cases.map((c) => c.recordKey),
      cases.map((c) => c.category),
      cases.map((c) => c.status),
      cases.map((c) => c.gridId),
      cases.map((c) => c.latitude),
      cases.map((c) => c.longitude),
      cases.map((c) => c.cellId),
      cases.map((c) => c.unitId),
      cases.map((c) => c.summary),
      cases.map((c) => c.occurredAt),
      cases.map((c) => c.openedAt),
      cases.map((c) => c.dispatchedAt),
      cases.map((c) => c.dueAt),
      cases.map((c) => c.version),
    ],
  );
  return new Set(rows.map((row) => row.case_id));
}

/** Writes how far routing brought cases that the caller has locked. */
export async function updateRouted(cases: readonly CaseRecord[], tx: EntityManager): Promise<void> {
  await tx.query(
    `update cases c set status = r.status, cell_id = r.cell_id, unit_id = r.unit_id,
        dispatched_at = r.dispatched_at, due_at = r.due_at, version = r.version
     from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::integer[])
        as r (case_id, status, cell_id, unit_id, dispatched_at, due_at, version)
     where c.case_id = r.case_id`,
    [
      cases.map((c) => c.caseId),
      cases.map((c) => c.status),
      cases.map((c) => c.cellId),
      cases.map((c) => c.unitId),
      cases.map((c) => c.dispatchedAt),
      cases.map((c) => c.dueAt),
      cases.map((c) => c.version),
    ],
  );
}

/** Adds steps to the histories. */
export async function insertSteps(steps: readonly CaseStep[], tx: EntityManager): Promise<void> {
  await tx.query(
    `insert into case_steps (case_id, version, status, at, actor_id, cell_id, unit_id, note)
     select * from unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
        $8::text[])`,
    [
      steps.map((s) => s.caseId),
      steps.map((s) => s.version),
      steps.map((s) => s.status),
      steps.map((s) => s.at),
      steps.map((s) => s.actorId),
      steps.map((s) => s.cellId),
      steps.map((s) => s.unitId),
      steps.map((s) => s.note),
    ],
  );
}

/** Cases that routing may still bring further: with a place, not with a unit, never returned. */
const unrouted = `status in ('reported', 'located') and returns = 0 and (cell_id is not null or latitude is not null)`;

/** Grids of the unrouted cases. */
export async function unroutedGrids(tx: EntityManager): Promise<string[]> {
  const rows: { grid_id: string }[] = await tx.query(`select distinct grid_id from cases where ${unrouted}`);
  return rows.map((row) => row.grid_id);
}

/** The ids of the next unrouted cases after `afterCaseId`, locked, in order of id. */
export async function lockUnrouted(afterCaseId: string, limit: number, tx: EntityManager): Promise<string[]> {
  const rows: { case_id: string }[] = await tx.query(
    `select case_id from cases where ${unrouted} and case_id > $1 order by case_id limit $2 for update`,
    [afterCaseId, limit],
  );
  return rows.map((row) => row.case_id);
}

/** The steps by which a case reached `statuses`, ending at its present version. */
export function stepsOf(matter: CaseRecord, statuses: readonly CaseStatus[], actorId: string, at: Date): CaseStep[] {
  return statuses.map((status, i) => ({
    caseId: matter.caseId,
    version: matter.version - statuses.length + 1 + i,
    status,
    at,
    actorId,
    cellId: status === 'reported' ? null : matter.cellId,
    unitId: status === 'dispatched' ? matter.unitId : null,
    note: null,
  }));
}

/** Which cases a list holds; what is absent does not narrow it. */
export type CaseFilter = {
  status?: CaseStatus;
  cellId?: string;
  datasetId?: string;
  /** Whether the case has a grid cell. */
  located?: 'true' | 'false';
  unitIds?: string[];
  /** The last case of the page before. */
  after?: ListCursor;
  limit: number;
};

/**
 * Cases, newest first.
 *
 * Shape: of named units no case of another is read: each gives its newest by its index, and the newest of these are the
 * list.
 */
export function newestCases(filter: CaseFilter, tx: EntityManager): Promise<CaseRecord[]> {
  const { status, cellId, datasetId, located, unitIds, after, limit } = filter;
  const conditions = [
    status && 'c.status = :status',
    cellId && 'c.cell_id = :cellId',
    datasetId && 'c.dataset_id = :datasetId',
    located && `c.cell_id is ${located === 'true' ? 'not null' : 'null'}`,
    after && '(c.opened_at, c.case_id) < (:at, :id)',
  ].filter((condition) => condition !== undefined);
  const select = tx.createQueryBuilder(CaseRecord, 'c');
  if (unitIds)
    select.where(
      `c.case_id in (
         select newest.case_id
           from unnest(cast(:unitIds as text[])) as u (unit_id)
          cross join lateral (
            select c.case_id
              from cases c
             where ${['c.unit_id = u.unit_id', ...conditions].join(' and ')}
             order by c.opened_at desc, c.case_id desc
             limit :limit) as newest)`,
    );
  else for (const condition of conditions) select.andWhere(condition);
  return select
    .setParameters({ status, cellId, datasetId, unitIds, ...after, limit })
    .orderBy({ 'c.openedAt': 'DESC', 'c.caseId': 'DESC' })
    .limit(limit)
    .getMany();
}

/** How many cases there are in all, and by status, cell and unit; a case without cell or unit is in the total alone. */
export type CaseCounts = {
  total: number;
  byStatus: Record<string, number>;
  byCell: Record<string, number>;
  byUnit: Record<string, number>;
};
// Bits of `grouping(status, cell_id, unit_id)`: set for what a row does not tell apart.
const kinds: Record<number, 'byStatus' | 'byCell' | 'byUnit'> = { 0b011: 'byStatus', 0b101: 'byCell', 0b110: 'byUnit' };

/** Counts the cases at one moment; of one dataset alone, and of these units alone, where they are named. */
export async function countCases(
  { datasetId, unitIds }: { datasetId?: string; unitIds?: string[] },
  tx: EntityManager,
): Promise<CaseCounts> {
  // Only what is given is asked: a condition that may be off cannot use an index.
  const values: unknown[] = [];
  const conditions: string[] = [];
  if (datasetId) conditions.push(`dataset_id = $${values.push(datasetId)}`);
  if (unitIds) conditions.push(`unit_id = any($${values.push(unitIds)}::text[])`);
  const rows: { kind: number; name: string | null; count: string }[] = await tx.query(
    `select grouping(status, cell_id, unit_id) as kind, coalesce(status, cell_id, unit_id) as name, count(*) as count
       from cases
      ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
      group by grouping sets ((), (status), (cell_id), (unit_id))
      order by name`,
    values,
  );
  const counts: CaseCounts = { total: 0, byStatus: {}, byCell: {}, byUnit: {} };
  for (const { kind, name, count } of rows) {
    const by = kinds[kind];
    if (!by) counts.total = Number(count);
    else if (name !== null) counts[by][name] = Number(count);
  }
  return counts;
}
