import type { EntityManager } from 'typeorm';
import type { ExportJob } from './export-job.entity';

/** Milliseconds a lease lasts, by the database's clock: longer than one page, renewed with each. */
export const leaseMs = 30_000;
const leaseUntil = `clock_timestamp() + ${leaseMs} * interval '1 ms'`;
const forget = `lease_owner = NULL, lease_until = NULL, after_key = NULL`;

export type LeasedExport = { exportId: string; agreementId: string };

/** Leases exports that have pages to write, those that waited longest first; other processes skip them. */
export function leaseExports(owner: string, limit: number, tx: EntityManager): Promise<LeasedExport[]> {
  return tx.query<LeasedExport[]>(
    `WITH due AS (
       SELECT export_id FROM exports
        WHERE status IN ('queued', 'running') AND (next_turn_at IS NULL OR next_turn_at <= clock_timestamp())
          AND (lease_until IS NULL OR lease_until <= clock_timestamp())
        ORDER BY coalesce(next_turn_at, created_at) LIMIT $2 FOR UPDATE SKIP LOCKED
     ), leased AS (
       UPDATE exports e SET status = 'running', lease_owner = $1, lease_until = ${leaseUntil} FROM due
        WHERE e.export_id = due.export_id RETURNING e.export_id AS "exportId", e.agreement_id AS "agreementId"
     ) SELECT * FROM leased`,
    [owner, limit],
  );
}

/** Whether this process still holds the lease, made longer. */
export async function renewExport(owner: string, exportId: string, tx: EntityManager): Promise<boolean> {
  return isChanged(`SET lease_until = ${leaseUntil}`, [exportId, owner], tx);
}

/** Gives the lease back; the next turn is in `pauseMs`. With `failed` it counts as an attempt. */
export async function yieldExport(
  owner: string,
  exportId: string,
  { pauseMs, failed }: { pauseMs: number; failed: 0 | 1 },
  tx: EntityManager,
): Promise<void> {
  await isChanged(
    `SET lease_owner = NULL, lease_until = NULL, attempts = attempts + $4,
         next_turn_at = clock_timestamp() + $3 * interval '1 ms'`,
    [exportId, owner, pauseMs, failed],
    tx,
  );
}

/** A page as it is kept: what was looked at, and the lines of what may be shown. */
export type WrittenPage = {
  content: Buffer;
  throughPosition: number;
  afterKey?: string;
  isRead: boolean;
  looked: number;
  records: number;
  positions: number[];
  times: Date[];
};

/**
 * Keeps a page behind the `chunks` that are there. False when the lease was lost or another process wrote that page:
 * whoever has called must then roll back.
 */
export async function writePage(owner: string, job: ExportJob, page: WrittenPage, tx: EntityManager): Promise<boolean> {
  const hasContent = page.content.length > 0;
  if (hasContent)
    await tx.query(
      'INSERT INTO export_chunks (export_id, chunk, content) SELECT export_id, $2, $3 FROM exports WHERE export_id = $1',
      [job.exportId, job.chunks, page.content],
    );
  return isChanged(
    `SET lease_until = ${leaseUntil}, through_position = $3, after_key = $4, is_read = $5, rows_done = rows_done + $6,
         records = records + $7, bytes = bytes + $8, chunks = chunks + $9, attempts = 0,
         first_position = least(first_position, (SELECT min(p) FROM unnest($10::bigint[]) p)),
         last_position = greatest(last_position, (SELECT max(p) FROM unnest($10::bigint[]) p)),
         first_recorded_at = least(first_recorded_at, (SELECT min(t) FROM unnest($11::timestamptz[]) t)),
         last_recorded_at = greatest(last_recorded_at, (SELECT max(t) FROM unnest($11::timestamptz[]) t))`,
    [
      job.exportId,
      owner,
      page.throughPosition,
      page.afterKey ?? null,
      page.isRead,
      page.looked,
      page.records,
      page.content.length,
      hasContent ? 1 : 0,
      page.positions,
      page.times,
      job.chunks,
    ],
    tx,
    'AND chunks = $12',
  );
}

/** Begins anew under other terms: nothing of what was written stays. */
export async function restartExport(
  owner: string,
  exportId: string,
  terms: { version: number; fields: string[] },
  tx: EntityManager,
): Promise<void> {
  const isHeld = await isChanged(
    `SET agreement_version = $3, fields = $4, through_position = from_position - 1, after_key = NULL, is_read = false,
         rows_done = 0, records = 0, bytes = 0, chunks = 0, first_position = NULL, last_position = NULL,
         first_recorded_at = NULL, last_recorded_at = NULL`,
    [exportId, owner, terms.version, JSON.stringify(terms.fields)],
    tx,
  );
  if (isHeld) await dropChunks(exportId, tx);
}

export async function finishExport(
  owner: string,
  exportId: string,
  { sha256, now, expiresAt }: { sha256: string; now: Date; expiresAt: Date },
  tx: EntityManager,
): Promise<boolean> {
  return isChanged(
    `SET status = 'done', sha256 = $3, finished_at = $4, expires_at = $5, ${forget}`,
    [exportId, owner, sha256, now, expiresAt],
    tx,
  );
}

/** Ends a running export without a file. False when it is no longer this process's. */
export async function endExport(
  owner: string,
  exportId: string,
  { status, reason, now }: { status: 'failed' | 'stopped'; reason: string; now: Date },
  tx: EntityManager,
): Promise<boolean> {
  const isEnded = await isChanged(
    `SET status = $3, reason = $4, finished_at = $5, ${forget}`,
    [exportId, owner, status, reason, now],
    tx,
  );
  if (isEnded) await dropChunks(exportId, tx);
  return isEnded;
}

/** A file that may no longer be had. */
export type Ended = { exportId: string; agreementId: string; datasetId: string; status: string; reason: string | null };

// Only what is due is locked: whoever cancels another one need not wait.
const endSql = (due: string): string => `
  WITH due AS (${due} FOR UPDATE OF e SKIP LOCKED),
  ended AS (
    UPDATE exports e SET status = due.status, reason = due.reason FROM due WHERE e.export_id = due.export_id
    RETURNING e.export_id AS "exportId", e.agreement_id AS "agreementId", e.dataset_id AS "datasetId", e.status, e.reason)
  SELECT * FROM ended`;

/** Exported for the spec that reads its plan: it runs each second in every process. */
export const expireFilesSql = endSql(`
  SELECT e.export_id, 'expired' AS status, NULL AS reason FROM exports e WHERE e.status = 'done' AND e.expires_at <= $1`);

/** Takes the files away that have expired. */
export function expireFiles(now: Date, tx: EntityManager): Promise<Ended[]> {
  return endAll(expireFilesSql, [now], tx);
}

// What an agreement has become since an export was made under it.
const whySql = `
  CASE WHEN a.status IS DISTINCT FROM 'in-force' THEN 'agreement.not-in-force'
       WHEN (a.terms->>'validTo')::timestamptz <= $1 THEN 'agreement.expired'
       WHEN a.version <> e.agreement_version THEN 'agreement.changed' END`;
const underSql = 'e.agreement_id = ANY($2::uuid[])';
const stopSql = (which: string): string =>
  endSql(`
  SELECT e.export_id, 'stopped' AS status, why.reason
    FROM exports e LEFT JOIN agreements a USING (agreement_id) CROSS JOIN LATERAL (SELECT ${whySql} AS reason) why
   WHERE e.status = 'done' AND ${which} AND why.reason IS NOT NULL`);

/** Exported for the spec that reads its plan: it runs in every process with each change of an agreement. */
export const stopFilesUnderSql = stopSql(underSql);

/**
 * Takes the files away whose agreement is not what it was when they were made, of these agreements, or of all: then it looks
 * at every file.
 */
export function stopFiles(under: string[] | 'all', now: Date, tx: EntityManager): Promise<Ended[]> {
  return under === 'all' ? endAll(stopSql('true'), [now], tx) : endAll(stopFilesUnderSql, [now, under], tx);
}

/** What waits for its limits or a retry need not wait where its agreement is not what it was; of these agreements, or of all. */
export async function hurryExports(under: string[] | 'all', now: Date, tx: EntityManager): Promise<void> {
  const [which, values] = under === 'all' ? ['true', [now]] : [underSql, [now, under]];
  await tx.query(
    `WITH due AS (
       SELECT e.export_id FROM exports e JOIN agreements a USING (agreement_id)
        WHERE e.status = 'running' AND e.lease_owner IS NULL AND e.next_turn_at > clock_timestamp() AND ${which}
          AND (a.held_for IS NOT NULL OR ${whySql} IS NOT NULL) FOR UPDATE OF e SKIP LOCKED)
     UPDATE exports e SET next_turn_at = clock_timestamp() FROM due WHERE e.export_id = due.export_id`,
    values,
  );
}

async function endAll(sql: string, values: unknown[], tx: EntityManager): Promise<Ended[]> {
  const ended = await tx.query<Ended[]>(sql, values);
  if (ended.length > 0)
    await tx.query('DELETE FROM export_chunks WHERE export_id = ANY($1)', [ended.map(({ exportId }) => exportId)]);
  return ended;
}

/** Exported for the spec that reads its plan: it runs each second in every process. */
export const forgetExportsSql = `
  DELETE FROM exports WHERE export_id IN (
    SELECT export_id FROM exports WHERE status IN ('failed', 'stopped', 'expired') AND created_at < $1 LIMIT 1000)`;

/** Forgets exports that ended and were ordered before a time. */
export async function forgetExports(before: Date, tx: EntityManager): Promise<void> {
  await tx.query(forgetExportsSql, [before]);
}

export async function readChunk(exportId: string, chunk: number, tx: EntityManager): Promise<Buffer | undefined> {
  const [row] = await tx.query<{ content: Buffer }[]>(
    'SELECT content FROM export_chunks WHERE export_id = $1 AND chunk = $2',
    [exportId, chunk],
  );
  return row?.content;
}

export type KeptExports = { open: number; all: number; bytes: number };

/** How many exports of a department are not done, those and its files together, and the bytes that are kept of them. */
export async function keptOf(department: string, tx: EntityManager): Promise<KeptExports> {
  const [row] = await tx.query<Record<keyof KeptExports, string>[]>(
    `SELECT count(*) FILTER (WHERE status <> 'done') AS open, count(*) AS all, coalesce(sum(bytes), 0) AS bytes
       FROM exports WHERE consumer_department = $1 AND status IN ('queued', 'running', 'done')`,
    [department],
  );
  return { open: Number(row?.open ?? 0), all: Number(row?.all ?? 0), bytes: Number(row?.bytes ?? 0) };
}

async function dropChunks(exportId: string, tx: EntityManager): Promise<void> {
  await tx.query('DELETE FROM export_chunks WHERE export_id = $1', [exportId]);
}

// INVARIANT: only the holder of the lease changes a running export.
async function isChanged(set: string, values: unknown[], tx: EntityManager, more = ''): Promise<boolean> {
  const changed = await tx.query<unknown[]>(
    `WITH changed AS (
       UPDATE exports ${set} WHERE export_id = $1 AND lease_owner = $2 AND status = 'running' ${more} RETURNING 1
     ) SELECT * FROM changed`,
    values,
  );
  return changed.length > 0;
}
