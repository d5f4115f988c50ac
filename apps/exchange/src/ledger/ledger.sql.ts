import { Unavailable } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
import { numberArray, textArray } from './array-text';
import type { LedgerEvent } from './bus-message';
import { CopyRows } from './copy-rows';
import { type LedgerOrigin, rebuildLock } from './ledger-origin';
import { type Duplicate, isTombstone, type KnownId, type PlacedEvent, type Removal } from './ledger.rules';

/**
 * Locks the offset rows of partitions, in their order, and answers them: one writer of a partition at a time, and no
 * message twice.
 */
export async function lockOffsets(
  topic: string,
  partitions: number[],
  origin: LedgerOrigin,
  tx: EntityManager,
): Promise<Map<number, bigint>> {
  type Row = { partition: number; next_offset: string; isFree: boolean };
  const lock = `SELECT partition, next_offset, pg_try_advisory_xact_lock_shared(${rebuildLock}) AS "isFree"
                  FROM kafka_offsets WHERE topic = $1 AND partition = ANY($2) ORDER BY partition FOR UPDATE`;
  let rows = await tx.query<Row[]>(lock, [topic, partitions]);
  if (rows.length < partitions.length) {
    await tx.query(
      `INSERT INTO kafka_offsets SELECT $1, partition, 0 FROM unnest($2::integer[]) AS partition ORDER BY partition
       ON CONFLICT DO NOTHING`,
      [topic, partitions],
    );
    rows = await tx.query<Row[]>(lock, [topic, partitions]);
  }
  if (!origin.isRebuild && rows.some(({ isFree }) => !isFree))
    throw new Unavailable('ledger.rebuilding', 'the ledger is being rebuilt', { retryAfterSeconds: 5 });
  return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
}

export async function moveOffsets(topic: string, next: Map<number, bigint>, tx: EntityManager): Promise<void> {
  await tx.query(
    `UPDATE kafka_offsets SET next_offset = moved.next
       FROM unnest($2::integer[], $3::bigint[]) AS moved (partition, next)
      WHERE topic = $1 AND kafka_offsets.partition = moved.partition`,
    [topic, [...next.keys()], [...next.values()].map(String)],
  );
}

/**
 * Has this transaction look up each row by its key. PostgreSQL expects every row on a disk of its own that turns; for a
 * thousand of them it would rather read all of a table of some hundred thousand (bench `publish`).
 *
 * Source: PostgreSQL 18, section 19.7.2 (`random_page_cost`).
 */
export async function expectCached(tx: EntityManager): Promise<void> {
  await tx.query('SET LOCAL random_page_cost = 1.1');
}

/** How far each dataset is: its last position, and the period that holds it. */
export type Heads = { positions: Map<string, number>; periods: Map<string, string | null> };

/** Locks the heads of the datasets, in the order of their ids so that two writers cannot wait for each other. */
export async function lockHeads(datasetIds: string[], tx: EntityManager): Promise<Heads> {
  const sorted = [...new Set(datasetIds)].sort();
  const lock = `SELECT dataset_id, last_position, period::text FROM dataset_heads WHERE dataset_id = ANY($1)
                 ORDER BY dataset_id FOR UPDATE`;
  type Row = { dataset_id: string; last_position: string; period: string | null };
  let rows = await tx.query<Row[]>(lock, [sorted]);
  if (rows.length < sorted.length) {
    await tx.query('INSERT INTO dataset_heads (dataset_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [sorted]);
    rows = await tx.query<Row[]>(lock, [sorted]);
  }
  return {
    positions: new Map(rows.map((row) => [row.dataset_id, Number(row.last_position)])),
    periods: new Map(rows.map((row) => [row.dataset_id, row.period])),
  };
}

/** Datasets whose first event of a period is at the given position; once in a month for each. */
export async function beginPeriod(period: string, firsts: Map<string, number>, tx: EntityManager): Promise<void> {
  if (firsts.size === 0) return;
  await tx.query(
    `WITH begun AS (SELECT * FROM unnest($2::text[], $3::bigint[]) AS begun (dataset_id, position)),
          moved AS (UPDATE dataset_heads head SET period = $1::date FROM begun WHERE head.dataset_id = begun.dataset_id)
     INSERT INTO ledger_periods (dataset_id, period, first_position) SELECT dataset_id, $1::date, position FROM begun`,
    [period, [...firsts.keys()], [...firsts.values()]],
  );
}

export async function knownIds(events: LedgerEvent[], tx: EntityManager): Promise<KnownId[]> {
  return tx.query<KnownId[]>(
    `SELECT known.dataset_id AS "datasetId", known.source, known.event_id AS "eventId", known.digest
       FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (dataset_id, source, event_id)
       JOIN event_ids known USING (dataset_id, source, event_id)`,
    [
      textArray(events.map((event) => event.datasetId)),
      textArray(events.map((event) => event.source)),
      textArray(events.map((event) => event.eventId)),
    ],
  );
}

// prettier-ignore
const eventColumns = ['dataset_id', 'position', 'source', 'event_id', 'type', 'record_key', 'recorded_at', 'publisher',
  'schema_version', 'digest', 'attributes', 'data', 'period'];
const idColumns = ['source', 'event_id', 'dataset_id', 'position', 'digest'];

/** Writes events and their ids. INVARIANT: the heads of their datasets are locked, so nobody else writes the same ids. */
export async function insertEvents(events: PlacedEvent[], period: string, tx: EntityManager): Promise<void> {
  if (events.length === 0) return;
  const rows = new CopyRows('events', eventColumns);
  for (const e of events) {
    rows.row().text(e.datasetId).bigint(e.position).text(e.source).text(e.eventId).text(e.type).text(e.key);
    rows.timestamptz(e.recordedAt).text(e.publisher).integer(e.schemaVersion).text(e.digest);
    rows.utf8(e.attributes).utf8(e.data).date(period);
  }
  await rows.send(tx);
  const ids = new CopyRows('event_ids', idColumns);
  for (const e of events) ids.row().text(e.source).text(e.eventId).text(e.datasetId).bigint(e.position).text(e.digest);
  await ids.send(tx);
}

/**
 * Takes removed records from the latest ones, and keeps what each tombstone removed; answers how many records of each
 * dataset were there.
 */
export async function removeLatest(removals: Removal[], tx: EntityManager): Promise<Map<string, number>> {
  if (removals.length === 0) return new Map();
  const rows = await tx.query<{ dataset_id: string; record_key: string; position: string }[]>(
    `WITH removed AS (
       DELETE FROM latest_records latest USING (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS gone (d, k)
        WHERE dataset_id = d AND record_key = k RETURNING dataset_id, record_key, position)
     SELECT * FROM removed`,
    [removals.map(({ datasetId }) => datasetId), removals.map(({ key }) => key)],
  );
  const recordOf = (datasetId: string, key: string): string => JSON.stringify([datasetId, key]);
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
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.dataset_id, (counts.get(row.dataset_id) ?? 0) + 1);
  return counts;
}

/** Points each record key at its newest position, those of tombstones excepted; answers how many keys of each dataset are new. */
export async function upsertLatest(events: PlacedEvent[], tx: EntityManager): Promise<Map<string, number>> {
  const latest = new Map<string, { datasetId: string; key: string; position: number }>();
  events.forEach((event) => {
    const { datasetId, position, key } = event;
    if (key === null) return;
    const record = JSON.stringify([datasetId, key]);
    if (isTombstone(event)) latest.delete(record);
    else latest.set(record, { datasetId, key, position });
  });
  const rows = [...latest.values()];
  if (rows.length === 0) return new Map();
  // INVARIANT: the heads of these datasets are locked, so nobody else writes their records. Most are known already, and
  // an UPDATE costs two thirds of what `ON CONFLICT` does (bench `ledger`).
  const written = await tx.query<{ dataset_id: string; fresh: string }[]>(
    `WITH given AS (SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (dataset_id, record_key, position)),
          moved AS (
            UPDATE latest_records latest SET position = given.position FROM given
             WHERE latest.dataset_id = given.dataset_id AND latest.record_key = given.record_key
            RETURNING given.dataset_id, given.record_key),
          fresh AS (
            INSERT INTO latest_records (dataset_id, record_key, position)
            SELECT * FROM given
             WHERE NOT EXISTS (SELECT FROM moved WHERE (dataset_id, record_key) = (given.dataset_id, given.record_key))
            RETURNING dataset_id)
     SELECT dataset_id, count(*) AS fresh FROM fresh GROUP BY dataset_id`,
    [
      textArray(rows.map((row) => row.datasetId)),
      textArray(rows.map((row) => row.key)),
      numberArray(rows.map((row) => row.position)),
    ],
  );
  return new Map(written.map((row) => [row.dataset_id, Number(row.fresh)]));
}

/** Keeps conflicting events; answers how many of each dataset were not known before. */
export async function insertConflicts(conflicts: LedgerEvent[], tx: EntityManager): Promise<Map<string, number>> {
  if (conflicts.length === 0) return new Map();
  const column = <T>(of: (event: LedgerEvent) => T): T[] => conflicts.map(of);
  const written = await tx.query<{ dataset_id: string; fresh: string }[]>(
    `WITH written AS (
       INSERT INTO event_conflicts (source, event_id, digest, dataset_id, publisher, recorded_at, attributes, data)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                            $8::text[])
       ON CONFLICT DO NOTHING RETURNING dataset_id)
     SELECT dataset_id, count(*) AS fresh FROM written GROUP BY dataset_id`,
    [
      column((e) => e.source),
      column((e) => e.eventId),
      column((e) => e.digest),
      column((e) => e.datasetId),
      column((e) => e.publisher),
      column((e) => e.recordedAt),
      column((e) => e.attributes.toString()),
      column((e) => e.data.toString()),
    ],
  );
  return new Map(written.map((row) => [row.dataset_id, Number(row.fresh)]));
}

/** Counts what came again. */
export async function countDuplicates(duplicates: Duplicate[], tx: EntityManager): Promise<void> {
  if (duplicates.length === 0) return;
  await tx.query(
    `INSERT INTO event_duplicates AS known (dataset_id, source, event_id, times, last_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
     ON CONFLICT (source, event_id, dataset_id) DO UPDATE
        SET times = known.times + excluded.times, last_at = greatest(known.last_at, excluded.last_at)`,
    [
      duplicates.map(({ datasetId }) => datasetId),
      duplicates.map(({ source }) => source),
      duplicates.map(({ eventId }) => eventId),
      duplicates.map(({ times }) => times),
      duplicates.map(({ lastAt }) => lastAt),
    ],
  );
}

/** What a batch adds to the heads of its datasets, by dataset. */
type Moved = {
  positions: Map<string, number>;
  newest: Map<string, string>;
  records: Map<string, number>;
  removed: Map<string, number>;
  conflicts: Map<string, number>;
};

/**
 * Moves the heads, and marks up to where everything was recorded by now: at most once in a minute and in a thousand
 * events, which is then the most that a search for a time reads (`positionAt`).
 */
export async function moveHeads(moved: Moved, tx: EntityManager): Promise<void> {
  const ids = [...moved.positions.keys()].sort();
  const isDue = `given.position >= head.marked_position + 1000
                 AND greatest(head.newest, given.newest) >= head.marked_at + interval '1 minute'`;
  await tx.query(
    `WITH given AS (
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
           AS given (id, position, records, conflicts, newest)),
     moved AS (
       UPDATE dataset_heads head
          SET last_position = given.position, records = head.records + given.records,
              conflicts = head.conflicts + given.conflicts, newest = greatest(head.newest, given.newest),
              marked_at = CASE WHEN ${isDue} THEN greatest(head.newest, given.newest) ELSE head.marked_at END,
              marked_position = CASE WHEN ${isDue} THEN given.position ELSE head.marked_position END
         FROM given WHERE head.dataset_id = given.id
       RETURNING head.dataset_id, head.marked_at, head.marked_position, head.last_position)
     INSERT INTO ledger_times (dataset_id, recorded_at, last_position)
     SELECT dataset_id, marked_at, marked_position FROM moved
      WHERE marked_position = last_position AND marked_at > '-infinity'
     ON CONFLICT DO NOTHING`,
    [
      ids,
      ids.map((id) => moved.positions.get(id) ?? 0),
      ids.map((id) => (moved.records.get(id) ?? 0) - (moved.removed.get(id) ?? 0)),
      ids.map((id) => moved.conflicts.get(id) ?? 0),
      ids.map((id) => moved.newest.get(id) ?? null),
    ],
  );
}

export type UnreadableRow = { offset: bigint; key: Buffer | null; value: Buffer | null; reason: string };

export async function keepUnreadable(
  topic: string,
  partition: number,
  rows: UnreadableRow[],
  at: Date,
  tx: EntityManager,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO unreadable_messages (topic, partition, message_offset, message_key, message_value, reason, parked_at)
     SELECT $1, $2, unreadable.*, $7 FROM unnest($3::bigint[], $4::bytea[], $5::bytea[], $6::text[]) AS unreadable
     ON CONFLICT DO NOTHING`,
    [
      topic,
      partition,
      rows.map((row) => row.offset.toString()),
      rows.map((row) => row.key),
      rows.map((row) => row.value),
      rows.map((row) => row.reason),
      at,
    ],
  );
}
