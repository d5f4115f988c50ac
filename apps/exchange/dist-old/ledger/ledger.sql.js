"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.lockOffsets = lockOffsets;
exports.moveOffsets = moveOffsets;
exports.lockHeads = lockHeads;
exports.beginPeriod = beginPeriod;
exports.knownIds = knownIds;
exports.insertEvents = insertEvents;
exports.removeLatest = removeLatest;
exports.upsertLatest = upsertLatest;
exports.insertConflicts = insertConflicts;
exports.moveHeads = moveHeads;
exports.parkUnreadable = parkUnreadable;
const contracts_1 = require("@govbus/contracts");
const ledger_origin_1 = require("./ledger-origin");
const ledger_rules_1 = require("./ledger.rules");
/**
 * Locks the offset rows of partitions, in their order, and answers them: one writer of a partition at a time, and no
 * message twice.
 */
async function lockOffsets(topic, partitions, origin, tx) {
    const lock = `SELECT partition, next_offset, pg_try_advisory_xact_lock_shared(${ledger_origin_1.rebuildLock}) AS "isFree"
                  FROM kafka_offsets WHERE topic = $1 AND partition = ANY($2) ORDER BY partition FOR UPDATE`;
    let rows = await tx.query(lock, [topic, partitions]);
    if (rows.length < partitions.length) {
        await tx.query(`INSERT INTO kafka_offsets SELECT $1, partition, 0 FROM unnest($2::integer[]) AS partition ORDER BY partition
       ON CONFLICT DO NOTHING`, [topic, partitions]);
        rows = await tx.query(lock, [topic, partitions]);
    }
    if (!origin.isRebuild && rows.some(({ isFree }) => !isFree))
        throw new contracts_1.Unavailable('ledger.rebuilding', 'the ledger is being rebuilt', { retryAfterSeconds: 5 });
    return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
}
async function moveOffsets(topic, next, tx) {
    await tx.query(`UPDATE kafka_offsets SET next_offset = moved.next
       FROM unnest($2::integer[], $3::bigint[]) AS moved (partition, next)
      WHERE topic = $1 AND kafka_offsets.partition = moved.partition`, [topic, [...next.keys()], [...next.values()].map(String)]);
}
/** Locks the heads of the datasets, in the order of their ids so that two writers cannot wait for each other. */
async function lockHeads(datasetIds, tx) {
    const sorted = [...new Set(datasetIds)].sort();
    const lock = `SELECT dataset_id, last_position, period::text FROM dataset_heads WHERE dataset_id = ANY($1)
                 ORDER BY dataset_id FOR UPDATE`;
    let rows = await tx.query(lock, [sorted]);
    if (rows.length < sorted.length) {
        await tx.query('INSERT INTO dataset_heads (dataset_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [sorted]);
        rows = await tx.query(lock, [sorted]);
    }
    return {
        positions: new Map(rows.map((row) => [row.dataset_id, Number(row.last_position)])),
        periods: new Map(rows.map((row) => [row.dataset_id, row.period])),
    };
}
/** Datasets whose first event of a period is at the given position; once in a month for each. */
async function beginPeriod(period, firsts, tx) {
    if (firsts.size === 0)
        return;
    await tx.query(`WITH begun AS (SELECT * FROM unnest($2::text[], $3::bigint[]) AS begun (dataset_id, position)),
          moved AS (UPDATE dataset_heads head SET period = $1::date FROM begun WHERE head.dataset_id = begun.dataset_id)
     INSERT INTO ledger_periods (dataset_id, period, first_position) SELECT dataset_id, $1::date, position FROM begun`, [period, [...firsts.keys()], [...firsts.values()]]);
}
async function knownIds(events, tx) {
    return tx.query(`SELECT known.source, known.event_id AS "eventId", known.digest
       FROM unnest($1::text[], $2::text[]) AS asked (source, event_id)
       JOIN event_ids known USING (source, event_id)`, [events.map((event) => event.source), events.map((event) => event.eventId)]);
}
// JSON text goes as one text instead of an array: its quotes need no escaping then, which is a third of the cost of a
// row (bench `ledger`). INVARIANT: JSON text never holds a control character.
const separator = '\u001e';
async function insertEvents(events, keys, period, tx) {
    if (events.length === 0)
        return;
    const column = (of) => events.map(of);
    await tx.query(`INSERT INTO events (dataset_id, position, source, event_id, type, record_key, recorded_at, publisher,
                         schema_version, digest, attributes, data, period)
     SELECT *, $13::date FROM ROWS FROM (
       unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[],
              $9::integer[], $10::text[]),
       string_to_table($11, E'\\x1e'), string_to_table($12, E'\\x1e'))`, [
        column((e) => e.datasetId),
        column((e) => e.position),
        column((e) => e.source),
        column((e) => e.eventId),
        column((e) => e.type),
        keys,
        column((e) => e.recordedAt),
        column((e) => e.publisher),
        column((e) => e.schemaVersion),
        column((e) => e.digest),
        column((e) => e.attributes).join(separator),
        column((e) => e.dataText).join(separator),
        period,
    ]);
    // Sorted: two partitions that carry the same ids must not wait for each other.
    await tx.query(`INSERT INTO event_ids (source, event_id, dataset_id, position, digest)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) AS e (s, i, d, p, g)
      ORDER BY s, i`, [
        column((e) => e.source),
        column((e) => e.eventId),
        column((e) => e.datasetId),
        column((e) => e.position),
        column((e) => e.digest),
    ]);
}
/**
 * Takes removed records from the latest ones, and keeps what each tombstone removed; answers how many records of each
 * dataset were there.
 */
async function removeLatest(removals, tx) {
    if (removals.length === 0)
        return new Map();
    const rows = await tx.query(`WITH removed AS (
       DELETE FROM latest_records latest USING (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS gone (d, k)
        WHERE dataset_id = d AND record_key = k RETURNING dataset_id, record_key, position)
     SELECT * FROM removed`, [removals.map(({ datasetId }) => datasetId), removals.map(({ key }) => key)]);
    const recordOf = (datasetId, key) => JSON.stringify([datasetId, key]);
    const stored = new Map(rows.map((row) => [recordOf(row.dataset_id, row.record_key), Number(row.position)]));
    const known = removals.flatMap(({ datasetId, key, position, removes }) => {
        const removed = removes === 'stored' ? stored.get(recordOf(datasetId, key)) : removes;
        return typeof removed === 'number' ? [{ datasetId, position, removed }] : [];
    });
    await tx.query('INSERT INTO tombstones SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])', [
        known.map(({ datasetId }) => datasetId),
        known.map(({ position }) => position),
        known.map(({ removed }) => removed),
    ]);
    const counts = new Map();
    for (const row of rows)
        counts.set(row.dataset_id, (counts.get(row.dataset_id) ?? 0) + 1);
    return counts;
}
/** Points each record key at its newest position, those of tombstones excepted; answers how many keys of each dataset are new. */
async function upsertLatest(events, keys, tx) {
    const latest = new Map();
    events.forEach((event, i) => {
        const { datasetId, position } = event;
        const key = keys[i];
        if (key === null || key === undefined)
            return;
        const record = JSON.stringify([datasetId, key]);
        if ((0, ledger_rules_1.isTombstone)(event))
            latest.delete(record);
        else
            latest.set(record, { datasetId, key, position });
    });
    const rows = [...latest.values()];
    if (rows.length === 0)
        return new Map();
    const written = await tx.query(`WITH written AS (
       INSERT INTO latest_records (dataset_id, record_key, position)
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
       ON CONFLICT (dataset_id, record_key) DO UPDATE SET position = excluded.position
       RETURNING dataset_id, xmax = 0 AS is_fresh)
     SELECT dataset_id, count(*) FILTER (WHERE is_fresh) AS fresh FROM written GROUP BY dataset_id`, [rows.map((row) => row.datasetId), rows.map((row) => row.key), rows.map((row) => row.position)]);
    return new Map(written.map((row) => [row.dataset_id, Number(row.fresh)]));
}
/** Keeps conflicting events; answers how many of each dataset were not known before. */
async function insertConflicts(conflicts, tx) {
    if (conflicts.length === 0)
        return new Map();
    const column = (of) => conflicts.map(of);
    const written = await tx.query(`WITH written AS (
       INSERT INTO event_conflicts (source, event_id, digest, dataset_id, publisher, recorded_at, attributes, data)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                            $8::text[])
       ON CONFLICT DO NOTHING RETURNING dataset_id)
     SELECT dataset_id, count(*) AS fresh FROM written GROUP BY dataset_id`, [
        column((e) => e.source),
        column((e) => e.eventId),
        column((e) => e.digest),
        column((e) => e.datasetId),
        column((e) => e.publisher),
        column((e) => e.recordedAt),
        column((e) => e.attributes),
        column((e) => e.dataText),
    ]);
    return new Map(written.map((row) => [row.dataset_id, Number(row.fresh)]));
}
async function moveHeads(heads, records, conflicts, removed, tx) {
    const ids = [...heads.keys()].sort();
    await tx.query(`UPDATE dataset_heads head
        SET last_position = moved.position, records = head.records + moved.records,
            conflicts = head.conflicts + moved.conflicts
       FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS moved (id, position, records, conflicts)
      WHERE head.dataset_id = moved.id`, [
        ids,
        ids.map((id) => heads.get(id) ?? 0),
        ids.map((id) => (records.get(id) ?? 0) - (removed.get(id) ?? 0)),
        ids.map((id) => conflicts.get(id) ?? 0),
    ]);
}
async function parkUnreadable(topic, partition, rows, at, tx) {
    if (rows.length === 0)
        return;
    await tx.query(`INSERT INTO unreadable_messages (topic, partition, message_offset, message_key, message_value, reason, parked_at)
     SELECT $1, $2, parked.*, $7 FROM unnest($3::bigint[], $4::bytea[], $5::bytea[], $6::text[]) AS parked
     ON CONFLICT DO NOTHING`, [
        topic,
        partition,
        rows.map((row) => row.offset.toString()),
        rows.map((row) => row.key),
        rows.map((row) => row.value),
        rows.map((row) => row.reason),
        at,
    ]);
}
//# sourceMappingURL=ledger.sql.js.map