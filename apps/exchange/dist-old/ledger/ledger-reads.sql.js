"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readPeriodSql = void 0;
exports.readLedger = readLedger;
exports.firstKept = firstKept;
exports.positionAt = positionAt;
/** Most bytes of `data` read at once. */
const maxChunkBytes = 4 * 1024 * 1024;
/**
 * The events behind `after` in their order: at most `limit`, and at most about 4 MiB, but always one if there is one.
 *
 * Shape: a chunk ends where its period ends. No rows: nothing behind `after` is kept up to `head`.
 */
async function readLedger(datasetId, after, limit, tx) {
    const { head, periods } = await periodsBehind(datasetId, after, tx);
    if (after >= head)
        return { rows: [], head };
    for (const period of periods) {
        const rows = await readPeriod(datasetId, period, after, limit, tx);
        if (rows.length > 0)
            return { rows, head };
    }
    return { rows: [], head };
}
/** Which periods may hold what is behind `after`, the oldest first; most often one. */
async function periodsBehind(datasetId, after, tx) {
    const rows = await tx.query(`SELECT head.last_position AS head, known.period::text
       FROM dataset_heads head
       LEFT JOIN ledger_periods known ON known.dataset_id = head.dataset_id
        AND known.period >= coalesce(period_of(head.dataset_id, $2::bigint + 1), '-infinity')
      WHERE head.dataset_id = $1 ORDER BY known.period`, [datasetId, after]);
    const periods = rows.flatMap(({ period }) => (period === null ? [] : [period]));
    return { head: Number(rows[0]?.head ?? 0), periods };
}
/** One partition, by its key. */
exports.readPeriodSql = `
  SELECT position, recorded_at, schema_version, digest, data
    FROM (SELECT position, recorded_at, schema_version, digest, data,
                 sum(octet_length(data)) OVER (ORDER BY position) - octet_length(data) AS bytes_before
            FROM (SELECT position, recorded_at, schema_version, digest, data FROM events
                   WHERE dataset_id = $1 AND period = $2 AND position > $3 ORDER BY position LIMIT $4) chunk) sized
   WHERE bytes_before < ${maxChunkBytes} ORDER BY position`;
async function readPeriod(datasetId, period, after, limit, tx) {
    const rows = await tx.query(exports.readPeriodSql, [datasetId, period, after, limit]);
    const tombstones = rows.filter(isTombstone).map(({ position }) => position);
    const removed = tombstones.length > 0 ? await removedBy(datasetId, tombstones, tx) : undefined;
    return rows.map((row) => {
        const { position, recorded_at: recordedAt, digest, data } = row;
        const found = { position: Number(position), recordedAt, digest, data };
        return isTombstone(row) ? { ...found, tombstone: { removedData: removed?.get(position) } } : found;
    });
}
const isTombstone = (row) => row.schema_version === 0;
async function removedBy(datasetId, positions, tx) {
    const rows = await tx.query(`SELECT tombstone.position, removed.data
       FROM tombstones tombstone
       JOIN events removed ON removed.dataset_id = tombstone.dataset_id AND removed.position = removed_position
        AND removed.period = period_of(tombstone.dataset_id, removed_position)
      WHERE tombstone.dataset_id = $1 AND tombstone.position = ANY($2)`, [datasetId, positions]);
    return new Map(rows.map(({ position, data }) => [position, data]));
}
/** The first position that is kept of a dataset; undefined when there is none. */
async function firstKept(datasetId, tx) {
    const [found] = await tx.query(`SELECT kept.position FROM ledger_periods known
      CROSS JOIN LATERAL (SELECT position FROM events
                           WHERE dataset_id = known.dataset_id AND period = known.period
                           ORDER BY position LIMIT 1) kept
      WHERE known.dataset_id = $1 ORDER BY known.period LIMIT 1`, [datasetId]);
    return found && Number(found.position);
}
/** The first position up to `head` recorded at or after `time`; undefined when there is none. */
async function positionAt(datasetId, time, head, tx) {
    // An event is stored after it was recorded; the day is for clocks that differ.
    const periods = await tx.query(`SELECT period::text FROM ledger_periods
      WHERE dataset_id = $1 AND period >= date_trunc('month', ($2::timestamptz - interval '1 day') AT TIME ZONE 'UTC')
      ORDER BY period`, [datasetId, time]);
    for (const { period } of periods) {
        const [found] = await tx.query(`SELECT position FROM events
        WHERE dataset_id = $1 AND period = $2 AND recorded_at >= $3 AND position <= $4 ORDER BY position LIMIT 1`, [datasetId, period, time, head]);
        if (found)
            return Number(found.position);
    }
    return undefined;
}
//# sourceMappingURL=ledger-reads.sql.js.map