import type { EntityManager } from 'typeorm';
import { timeOf } from '../ingest/rfc3339';

export type LedgerRow = {
  position: number;
  recordedAt: Date;
  digest: string;
  /** Characters of the payload's JSON text; of a tombstone, of what it removed as well. */
  size: number;
  /** From when on, in ms since 1970, it is delivered to nobody any more; most have no such time. */
  expiresAt?: number;
  /** That text, until `recordOf` parses it: of rows that are kept, both would take twice the memory. */
  data?: string;
  /** The payload, from then on; nobody changes it. */
  record?: unknown;
  tombstone?: Tombstone;
};
/** What a tombstone removed; nothing when there was nothing, or when it is no longer kept. */
export type Tombstone = { removed?: { position: number; recordedAt: Date; data: string } };
/** A row as it is read, before anybody has parsed it. */
export const rowOf = ({ position, recorded_at: recordedAt, digest, expiring, data }: ReadColumns): LedgerRow => ({
  position: Number(position),
  recordedAt,
  digest,
  size: data.length,
  expiresAt: expiring === null ? undefined : expiryIn(expiring),
  data,
});
export type ReadColumns = {
  position: string;
  recorded_at: Date;
  digest: string;
  expiring: string | null;
  data: string;
};
/** The attributes of an event that may expire: of the others they are not read. */
export const expiringSql = `CASE WHEN strpos(attributes, '"expirytime"') > 0 THEN attributes END AS expiring`;

// What was stored before the ingest asked for a time does not expire.
function expiryIn(attributes: string): number | undefined {
  const { expirytime } = JSON.parse(attributes) as { expirytime?: unknown };
  return typeof expirytime === 'string' ? timeOf(expirytime) : undefined;
}

/** The payload of a row. */
export function recordOf(row: LedgerRow): unknown {
  if (row.data !== undefined) {
    row.record = JSON.parse(row.data) as unknown;
    row.data = undefined;
  }
  return row.record;
}

/** Events of a dataset, and how far its ledger was when they were looked for. */
export type LedgerChunk = { rows: LedgerRow[]; head: number };

/** Most bytes of `data` read at once, and as many of what tombstones among it removed. */
const maxChunkBytes = 4 * 1024 * 1024;

/**
 * The events behind `after` in their order: at most `limit`, and at most about 4 MiB and as much of what tombstones among
 * them removed, but always one if there is one.
 *
 * Shape: a chunk ends where its period ends. No rows: nothing behind `after` is kept up to `head`.
 */
export async function readLedger(
  datasetId: string,
  after: number,
  limit: number,
  tx: EntityManager,
): Promise<LedgerChunk> {
  const { head, periods } = await periodsBehind(datasetId, after, tx);
  if (after >= head) return { rows: [], head };
  for (const period of periods) {
    const rows = await readPeriod(datasetId, period, after, limit, tx);
    if (rows.length > 0) return { rows, head };
  }
  return { rows: [], head };
}

/** Which periods may hold what is behind `after`, the oldest first; most often one. */
async function periodsBehind(datasetId: string, after: number, tx: EntityManager) {
  const rows = await tx.query<{ head: string; period: string | null }[]>(
    `SELECT head.last_position AS head, known.period::text
       FROM dataset_heads head
       LEFT JOIN ledger_periods known ON known.dataset_id = head.dataset_id
        AND known.period >= coalesce(period_of(head.dataset_id, $2::bigint + 1), '-infinity')
      WHERE head.dataset_id = $1 ORDER BY known.period`,
    [datasetId, after],
  );
  const periods = rows.flatMap(({ period }) => (period === null ? [] : [period]));
  return { head: Number(rows[0]?.head ?? 0), periods };
}

/** One partition, by its key. */
export const readPeriodSql = `
  SELECT position, recorded_at, schema_version, digest, expiring, data
    FROM (SELECT position, recorded_at, schema_version, digest, expiring, data,
                 sum(octet_length(data)) OVER (ORDER BY position) - octet_length(data) AS bytes_before
            FROM (SELECT position, recorded_at, schema_version, digest, ${expiringSql}, data FROM events
                   WHERE dataset_id = $1 AND period = $2 AND position > $3 ORDER BY position LIMIT $4) chunk) sized
   WHERE bytes_before < ${maxChunkBytes} ORDER BY position`;

async function readPeriod(datasetId: string, period: string, after: number, limit: number, tx: EntityManager) {
  const rows = await tx.query<StoredRow[]>(readPeriodSql, [datasetId, period, after, limit]);
  const tombstones = rows.filter(isTombstone).map(({ position }) => position);
  const removed = tombstones.length > 0 ? await removedBy(datasetId, tombstones, tx) : undefined;
  // The first that removed too much for this chunk begins the next one.
  const end = rows.findIndex(({ position }) => removed?.get(position)?.data === null);
  return (end < 0 ? rows : rows.slice(0, end)).map((row) =>
    isTombstone(row) ? tombstoneOf(row, removed?.get(row.position)) : rowOf(row),
  );
}

type StoredRow = ReadColumns & { schema_version: number };
const isTombstone = (row: StoredRow): boolean => row.schema_version === 0;

function tombstoneOf(row: StoredRow, columns?: RemovedColumns): LedgerRow {
  const found = rowOf(row);
  if (!columns || columns.data === null) return { ...found, tombstone: {} };
  const { removed_position: position, recorded_at: recordedAt, data } = columns;
  const removed = { position: Number(position), recordedAt, data };
  return { ...found, size: found.size + data.length, tombstone: { removed } };
}

/** `data`: null where it would be more than a chunk may hold. */
type RemovedColumns = { position: string; removed_position: string; recorded_at: Date; data: string | null };

// By the position of the tombstone.
async function removedBy(datasetId: string, positions: string[], tx: EntityManager) {
  const rows = await tx.query<RemovedColumns[]>(
    `SELECT position, removed_position, recorded_at,
            CASE WHEN bytes_to - octet_length(data) < ${maxChunkBytes} THEN data END AS data
       FROM (SELECT tombstone.position, removed_position, removed.recorded_at, removed.data,
                    sum(octet_length(removed.data)) OVER (ORDER BY tombstone.position) AS bytes_to
               FROM tombstones tombstone
               JOIN events removed ON removed.dataset_id = tombstone.dataset_id AND removed.position = removed_position
                AND removed.period = period_of(tombstone.dataset_id, removed_position)
              WHERE tombstone.dataset_id = $1 AND tombstone.position = ANY($2)) sized`,
    [datasetId, positions],
  );
  return new Map(rows.map((row) => [row.position, row]));
}

/** The first position that is kept of a dataset; undefined when there is none. */
export async function firstKept(datasetId: string, tx: EntityManager): Promise<number | undefined> {
  const [found] = await tx.query<{ position: string }[]>(
    `SELECT kept.position FROM ledger_periods known
      CROSS JOIN LATERAL (SELECT position FROM events
                           WHERE dataset_id = known.dataset_id AND period = known.period
                           ORDER BY position LIMIT 1) kept
      WHERE known.dataset_id = $1 ORDER BY known.period LIMIT 1`,
    [datasetId],
  );
  return found && Number(found.position);
}

/**
 * The first position up to `head` recorded at or after `time`; undefined when there is none.
 *
 * Shape: the marks of the ledger say where to begin, so that about a thousand rows or a minute of them are read. Of what
 * was stored before there were marks, all of a month may be.
 */
export async function positionAt(
  datasetId: string,
  time: Date,
  head: number,
  tx: EntityManager,
): Promise<number | undefined> {
  // An event is stored after it was recorded; the day is for clocks that differ.
  const periods = await tx.query<{ period: string; before: string }[]>(
    `SELECT period::text, coalesce(mark.last_position, 0) AS before
       FROM ledger_periods
       LEFT JOIN (SELECT last_position FROM ledger_times WHERE dataset_id = $1 AND recorded_at < $2
                   ORDER BY recorded_at DESC LIMIT 1) mark ON true
      WHERE dataset_id = $1 AND period >= date_trunc('month', ($2::timestamptz - interval '1 day') AT TIME ZONE 'UTC')
      ORDER BY period`,
    [datasetId, time],
  );
  for (const { period, before } of periods) {
    const [found] = await tx.query<{ position: string }[]>(
      `SELECT position FROM events
        WHERE dataset_id = $1 AND period = $2 AND recorded_at >= $3 AND position > $4 AND position <= $5
        ORDER BY position LIMIT 1`,
      [datasetId, period, time, before, head],
    );
    if (found) return Number(found.position);
  }
  return undefined;
}
