import type { EntityManager } from 'typeorm';
import { partitionOf } from '../ledger/ledger-periods';
import { idDays, type Kept } from './retention.rules';

export type DueDataset = { datasetId: string; retentionDays: number; version: number };
export type Removed = { datasetId: string; first: number; last: number; records: number };

/** Datasets whose retention was not looked at since `since`, or that changed since then. */
export function dueDatasets(since: Date, tx: EntityManager): Promise<DueDataset[]> {
  return tx.query<DueDataset[]>(
    `SELECT dataset_id AS "datasetId", retention_days AS "retentionDays", version
       FROM datasets LEFT JOIN dataset_retention looked USING (dataset_id)
      WHERE retention_days IS NOT NULL AND NOT legal_hold
        AND (looked.examined_at IS NULL OR looked.examined_at < $1 OR looked.examined_version <> version)
      ORDER BY dataset_id`,
    [since],
  );
}

export async function noteExamined({ datasetId, version }: DueDataset, at: Date, tx: EntityManager): Promise<void> {
  await tx.query(
    `INSERT INTO dataset_retention AS known (dataset_id, examined_at, examined_version) VALUES ($1, $2, $3)
     ON CONFLICT (dataset_id) DO UPDATE SET examined_at = $2, examined_version = $3`,
    [datasetId, at, version],
  );
}

/** Whether the dataset still has this retention and no hold; neither can change until `tx` ends. */
export async function holdsStill({ datasetId, retentionDays }: DueDataset, tx: EntityManager): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    'SELECT 1 FROM datasets WHERE dataset_id = $1 AND retention_days = $2 AND NOT legal_hold FOR SHARE',
    [datasetId, retentionDays],
  );
  return rows.length > 0;
}

/** The periods of a dataset that began before `cutoff`, the oldest first. */
export async function periodsBefore(datasetId: string, cutoff: Date, tx: EntityManager): Promise<string[]> {
  const rows = await tx.query<{ period: string }[]>(
    `SELECT period::text FROM ledger_periods
      WHERE dataset_id = $1 AND period <= ($2::timestamptz AT TIME ZONE 'UTC')::date ORDER BY period`,
    [datasetId, cutoff],
  );
  return rows.map(({ period }) => period);
}

type Batch = { datasetId: string; period: string; after: number; cutoff: Date; limit: number };

/**
 * Looks at the next events of a period and removes those recorded before `cutoff`. The latest record of a key stays, and
 * what a tombstone removed stays as long as the tombstone. Answers what went, and how far it looked; undefined at the end.
 */
export async function removeBatch({ datasetId, period, after, cutoff, limit }: Batch, tx: EntityManager) {
  const [found] = await tx.query<{ looked: string | null; records: number; first: string; last: string }[]>(
    `WITH looked AS (
       SELECT position, record_key FROM events
        WHERE dataset_id = $1 AND period = $2 AND position > $3 ORDER BY position LIMIT $5),
     gone AS (
       DELETE FROM events event USING looked
        WHERE event.dataset_id = $1 AND event.period = $2 AND event.position = looked.position
          AND event.recorded_at < $4
          AND NOT EXISTS (SELECT 1 FROM latest_records latest WHERE latest.dataset_id = $1
                             AND latest.record_key = looked.record_key AND latest.position = looked.position)
          AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.dataset_id = $1 AND t.removed_position = looked.position)
       RETURNING event.position, event.dataset_id, event.source, event.event_id, event.recorded_at),
     ids AS (
       INSERT INTO removed_ids (dataset_id, source, event_id, forget_after)
       SELECT dataset_id, source, event_id, recorded_at + interval '${idDays} days' FROM gone),
     stones AS (
       DELETE FROM tombstones USING gone WHERE tombstones.dataset_id = $1 AND tombstones.position = gone.position)
     SELECT (SELECT max(position) FROM looked) AS looked, count(*)::int AS records, min(position) AS first,
            max(position) AS last FROM gone`,
    [datasetId, period, after, cutoff, limit],
  );
  if (!found || found.looked === null) return undefined;
  const { records, first, last } = found;
  const removed: Removed | undefined =
    records > 0 ? { datasetId, first: Number(first), last: Number(last), records } : undefined;
  return { through: Number(found.looked), removed };
}

export async function countRemoved({ datasetId, records }: Removed, tx: EntityManager): Promise<void> {
  await tx.query(
    `INSERT INTO dataset_retention AS known (dataset_id, removed) VALUES ($1, $2)
     ON CONFLICT (dataset_id) DO UPDATE SET removed = known.removed + $2`,
    [datasetId, records],
  );
}

/** Forgets that a dataset has the period, if nothing of it is left there; should it store in it again, it begins anew. */
export async function closePeriod(datasetId: string, period: string, tx: EntityManager): Promise<void> {
  await tx.query('SELECT 1 FROM dataset_heads WHERE dataset_id = $1 FOR UPDATE', [datasetId]);
  const left = await tx.query<unknown[]>('SELECT 1 FROM events WHERE dataset_id = $1 AND period = $2 LIMIT 1', [
    datasetId,
    period,
  ]);
  if (left.length > 0) return;
  await tx.query('DELETE FROM ledger_periods WHERE dataset_id = $1 AND period = $2', [datasetId, period]);
  await tx.query('UPDATE dataset_heads SET period = NULL WHERE dataset_id = $1 AND period = $2', [datasetId, period]);
}

/** Removes conflicting events, which are no part of the ledger and have no position; at most `limit`. Answers how many. */
export async function removeConflicts(
  { datasetId, cutoff, limit }: Pick<Batch, 'datasetId' | 'cutoff' | 'limit'>,
  tx: EntityManager,
): Promise<number> {
  // First the head, as whoever writes conflicts does.
  await tx.query('SELECT 1 FROM dataset_heads WHERE dataset_id = $1 FOR UPDATE', [datasetId]);
  const [found] = await tx.query<{ records: number }[]>(
    `WITH gone AS (
       DELETE FROM event_conflicts WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM event_conflicts WHERE dataset_id = $1 AND recorded_at < $2 LIMIT $3))
       RETURNING 1),
     counted AS (UPDATE dataset_heads SET conflicts = conflicts - (SELECT count(*) FROM gone) WHERE dataset_id = $1)
     SELECT count(*)::int AS records FROM gone`,
    [datasetId, cutoff, limit],
  );
  return found?.records ?? 0;
}

/** The periods that have a partition, the oldest first. */
export async function partitionedPeriods(tx: EntityManager): Promise<string[]> {
  const rows = await tx.query<{ period: string }[]>(
    `SELECT replace(substr(relname, 8), '_', '-') || '-01' AS period
       FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'events'::regclass ORDER BY 1`,
  );
  return rows.map(({ period }) => period);
}

/** What retention asks of the datasets that have events in a period; none of it can change until `tx` ends. */
export function keptIn(period: string, tx: EntityManager): Promise<(Kept & { datasetId: string })[]> {
  return tx.query<(Kept & { datasetId: string })[]>(
    `SELECT stored.dataset_id AS "datasetId", retention_days AS "retentionDays", legal_hold AS "legalHold"
       FROM ledger_periods stored JOIN datasets USING (dataset_id) WHERE period = $1
     FOR SHARE OF datasets`,
    [period],
  );
}

/** Whether a period holds anything that stays: of a dataset that is not known, a latest record, or a removed one. */
export async function hasSurvivors(period: string, datasetIds: string[], tx: EntityManager): Promise<boolean> {
  const [found] = await tx.query<{ any: boolean }[]>(
    `SELECT EXISTS (SELECT 1 FROM ledger_periods WHERE period = $1 AND dataset_id <> ALL($2))
         OR EXISTS (SELECT 1 FROM events JOIN latest_records USING (dataset_id, record_key, position) WHERE period = $1)
         OR EXISTS (SELECT 1 FROM events JOIN tombstones t USING (dataset_id)
                     WHERE period = $1 AND t.removed_position = events.position) AS any`,
    [period, datasetIds],
  );
  return found?.any ?? true;
}

/** Drops the partition of a period; answers what was in it. Waits half a second for its turn, and then throws. */
export async function dropPeriod(period: string, tx: EntityManager): Promise<Removed[]> {
  const rows = await tx.query<{ dataset_id: string; first: string; last: string; records: number }[]>(
    `WITH ids AS (
       INSERT INTO removed_ids (dataset_id, source, event_id, forget_after)
       SELECT dataset_id, source, event_id, recorded_at + interval '${idDays} days' FROM events WHERE period = $1),
     stones AS (
       DELETE FROM tombstones USING events
        WHERE period = $1 AND tombstones.dataset_id = events.dataset_id AND tombstones.position = events.position)
     SELECT dataset_id, min(position) AS first, max(position) AS last, count(*)::int AS records
       FROM events WHERE period = $1 GROUP BY dataset_id ORDER BY dataset_id`,
    [period],
  );
  await tx.query('DELETE FROM ledger_periods WHERE period = $1', [period]);
  await tx.query('UPDATE dataset_heads SET period = NULL WHERE period = $1', [period]);
  // Whoever waits for a table makes all behind it wait as well.
  await tx.query(`SET LOCAL lock_timeout = '500ms'`);
  await tx.query(`DROP TABLE ${partitionOf(period)}`);
  return rows.map(({ dataset_id: datasetId, first, last, records }) => {
    return { datasetId, first: Number(first), last: Number(last), records };
  });
}

/** Forgets ids whose time is over, at most `limit`; answers how many. */
export async function forgetIds(now: Date, limit: number, tx: EntityManager): Promise<number> {
  const [found] = await tx.query<{ ids: number }[]>(
    `WITH due AS (
       DELETE FROM removed_ids WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM removed_ids WHERE forget_after <= $1 ORDER BY forget_after LIMIT $2))
       RETURNING dataset_id, source, event_id),
     gone AS (DELETE FROM event_ids known USING due
               WHERE (known.source, known.event_id, known.dataset_id) = (due.source, due.event_id, due.dataset_id)),
     uncounted AS (DELETE FROM event_duplicates again USING due
                    WHERE (again.source, again.event_id, again.dataset_id) = (due.source, due.event_id, due.dataset_id))
     SELECT count(*)::int AS ids FROM due`,
    [now, limit],
  );
  return found?.ids ?? 0;
}
