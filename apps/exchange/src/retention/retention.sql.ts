import type { EntityManager } from 'typeorm';
import { partitionOf } from '../ledger/ledger-periods';
import { idDays } from './retention.rules';

export type DueDataset = { datasetId: string; retentionDays: number; version: number };
export type Removed = { first: number; last: number; records: number };

/** Datasets that were not looked through since `since`, or that changed since then: those that wait longest first. */
export function dueDatasets(since: Date, tx: EntityManager): Promise<DueDataset[]> {
  return tx.query<DueDataset[]>(
    `SELECT dataset_id AS "datasetId", retention_days AS "retentionDays", version
       FROM datasets LEFT JOIN dataset_retention looked USING (dataset_id)
      WHERE retention_days IS NOT NULL AND NOT legal_hold
        AND (looked.examined_at IS NULL OR looked.examined_at < $1 OR looked.examined_version <> version)
      ORDER BY looked.examined_at NULLS FIRST, dataset_id`,
    [since],
  );
}

/** Notes that a dataset was looked through; the next look begins at the beginning. */
export async function noteExamined({ datasetId, version }: DueDataset, at: Date, tx: EntityManager): Promise<void> {
  await tx.query(
    `INSERT INTO dataset_retention AS known (dataset_id, examined_at, examined_version) VALUES ($1, $2, $3)
     ON CONFLICT (dataset_id) DO UPDATE
        SET examined_at = $2, examined_version = $3, looked_version = NULL, looked_period = NULL, looked_position = NULL`,
    [datasetId, at, version],
  );
}

/** A period of a dataset, and the position in it up to which it was looked at. */
export type Place = { period: string; position: number };

/**
 * Where the look at a dataset goes on; undefined when no period that began before `cutoff` is left.
 *
 * Shape: at the beginning, unless a place is kept of the dataset as it is now. Whatever changed it, a hold that is over
 *   among that, is a new version and a new beginning.
 */
export async function placeOf(
  { datasetId, version }: DueDataset,
  cutoff: Date,
  tx: EntityManager,
): Promise<Place | undefined> {
  const [found] = await tx.query<{ period: string; position: string }[]>(
    `SELECT known.period::text, CASE WHEN known.period = looked_period THEN looked_position ELSE 0 END AS position
       FROM ledger_periods known
       LEFT JOIN dataset_retention kept ON kept.dataset_id = known.dataset_id AND looked_version = $2
      WHERE known.dataset_id = $1 AND known.period <= ($3::timestamptz AT TIME ZONE 'UTC')::date
        AND known.period >= coalesce(looked_period, '-infinity')
      ORDER BY known.period LIMIT 1`,
    [datasetId, version, cutoff],
  );
  return found && { period: found.period, position: Number(found.position) };
}

/** Keeps how far a dataset was looked at, and counts what was removed of it on the way. */
export async function keepPlace(
  { datasetId, version }: DueDataset,
  { period, position }: Place,
  removed: number,
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `INSERT INTO dataset_retention AS known (dataset_id, removed, looked_version, looked_period, looked_position)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (dataset_id) DO UPDATE
        SET removed = known.removed + $2, looked_version = $3, looked_period = $4, looked_position = $5`,
    [datasetId, removed, version, period, position],
  );
}

/** Whether the dataset has no hold, and this retention if one is given; neither can change until `tx` ends. */
export async function holdsStill(
  { datasetId, retentionDays }: { datasetId: string; retentionDays?: number },
  tx: EntityManager,
): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `SELECT 1 FROM datasets
      WHERE dataset_id = $1 AND ($2::integer IS NULL OR retention_days = $2) AND NOT legal_hold FOR SHARE`,
    [datasetId, retentionDays ?? null],
  );
  return rows.length > 0;
}

type Batch = Place & { datasetId: string; cutoff: Date; limit: number };

/**
 * Looks at the next events of a period and removes those recorded before `cutoff`. The latest record of a key stays, and
 * what a tombstone removed stays as long as the tombstone. Answers what went, and how far it looked; undefined at the end.
 *
 * Shape: what was recorded later is looked at as well. A clock that was ahead, or went back, puts an event that is due
 *   behind one that is not.
 */
export async function removeBatch({ datasetId, period, position, cutoff, limit }: Batch, tx: EntityManager) {
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
    [datasetId, period, position, cutoff, limit],
  );
  if (!found || found.looked === null) return undefined;
  const { records, first, last } = found;
  const removed: Removed | undefined = records > 0 ? { first: Number(first), last: Number(last), records } : undefined;
  return { through: Number(found.looked), removed };
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
  // Marks of what is gone: nothing is looked for before the first period that is left.
  await tx.query(
    `DELETE FROM ledger_times
      WHERE dataset_id = $1
        AND last_position < coalesce((SELECT min(first_position) FROM ledger_periods WHERE dataset_id = $1), 0)`,
    [datasetId],
  );
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

/** Whether nothing is left of a period. Goes through all that was removed from it: ask without a lock. */
export async function isEmpty(period: string, tx: EntityManager): Promise<boolean> {
  const [found] = await tx.query<{ isEmpty: boolean }[]>(
    `SELECT NOT EXISTS (SELECT 1 FROM ledger_periods WHERE period = $1)
        AND NOT EXISTS (SELECT 1 FROM ${partitionOf(period)}) AS "isEmpty"`,
    [period],
  );
  return found?.isEmpty ?? false;
}

/**
 * Drops the partition of a period that was empty, unless a dataset has begun it since. Waits half a second for its turn,
 * and then throws.
 */
export async function dropPeriod(period: string, tx: EntityManager): Promise<void> {
  // Whoever waits for a table makes all behind it wait as well.
  await tx.query(`SET LOCAL lock_timeout = '500ms'`);
  // INVARIANT: who stores events of a dataset in a period has begun it in that transaction, or found it begun.
  await tx.query('LOCK TABLE ONLY events IN ACCESS EXCLUSIVE MODE');
  const begun = await tx.query<unknown[]>('SELECT 1 FROM ledger_periods WHERE period = $1 LIMIT 1', [period]);
  if (begun.length === 0) await tx.query(`DROP TABLE ${partitionOf(period)}`);
}

type OldDisclosures = { agreementId: string; datasetId: string };

/** The agreements with disclosures from before `cutoff`, of datasets without a hold. */
export function oldDisclosures(cutoff: Date, tx: EntityManager): Promise<OldDisclosures[]> {
  return tx.query<OldDisclosures[]>(
    `SELECT agreement_id AS "agreementId", dataset_id AS "datasetId" FROM agreements JOIN datasets USING (dataset_id)
      WHERE NOT legal_hold
        AND EXISTS (SELECT 1 FROM disclosures old WHERE old.agreement_id = agreements.agreement_id AND disclosed_at < $1)
      ORDER BY agreement_id`,
    [cutoff],
  );
}

/** Removes disclosures of an agreement from before `cutoff`, the oldest first; at most `limit`. Answers how many. */
export async function removeDisclosures(
  { agreementId, cutoff, limit }: { agreementId: string; cutoff: Date; limit: number },
  tx: EntityManager,
): Promise<number> {
  const [found] = await tx.query<{ records: number }[]>(
    `WITH gone AS (
       DELETE FROM disclosures WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM disclosures WHERE agreement_id = $1 AND disclosed_at < $2 ORDER BY disclosed_at LIMIT $3))
       RETURNING 1)
     SELECT count(*)::int AS records FROM gone`,
    [agreementId, cutoff, limit],
  );
  return found?.records ?? 0;
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
