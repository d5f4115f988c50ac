import type { EntityManager } from 'typeorm';

export type LedgerTotals = { datasets: number; events: number; records: number; conflicts: number; unreadable: number };

/** From when `tx` commits, nothing of the ledger is shown to anybody; waits for the pages that are being read. */
export async function beginRebuild(tx: EntityManager): Promise<void> {
  await tx.query('LOCK TABLE ledger_rebuilds IN ACCESS EXCLUSIVE MODE');
  await tx.query('INSERT INTO ledger_rebuilds DEFAULT VALUES ON CONFLICT DO NOTHING');
}

/** The ledger is whole. */
export async function endRebuild(tx: EntityManager): Promise<void> {
  await tx.query('DELETE FROM ledger_rebuilds');
}

/** Empties the ledger and forgets how far `topic` was read. Subscriptions and disclosures stay: their positions come back. */
export async function emptyLedger(topic: string, tx: EntityManager): Promise<void> {
  await tx.query(
    `TRUNCATE events, event_ids, event_conflicts, event_duplicates, latest_records, tombstones, removed_ids,
              ledger_periods, ledger_times, dataset_heads, dataset_retention`,
  );
  await tx.query('DELETE FROM unreadable_messages WHERE topic = $1', [topic]);
  await tx.query('DELETE FROM kafka_offsets WHERE topic = $1', [topic]);
}

/** The next offset to read of each partition of `topic` that was read. */
export async function storedOffsets(topic: string, tx: EntityManager): Promise<Map<number, bigint>> {
  const rows = await tx.query<{ partition: number; next_offset: string }[]>(
    'SELECT partition, next_offset FROM kafka_offsets WHERE topic = $1',
    [topic],
  );
  return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
}

export async function totals(topic: string, tx: EntityManager): Promise<LedgerTotals> {
  const [found] = await tx.query<Record<keyof LedgerTotals, string>[]>(
    `SELECT count(*) AS datasets, coalesce(sum(last_position - coalesce(removed, 0)), 0) AS events,
            coalesce(sum(records), 0) AS records, coalesce(sum(conflicts), 0) AS conflicts,
            (SELECT count(*) FROM unreadable_messages WHERE topic = $1) AS unreadable
       FROM dataset_heads LEFT JOIN dataset_retention USING (dataset_id)`,
    [topic],
  );
  const of = (name: keyof LedgerTotals): number => Number(found?.[name] ?? 0);
  return {
    datasets: of('datasets'),
    events: of('events'),
    records: of('records'),
    conflicts: of('conflicts'),
    unreadable: of('unreadable'),
  };
}

/** Datasets whose positions are not dense, or whose counts are not those of the tables; reads the whole ledger. */
export async function inconsistentDatasets(tx: EntityManager): Promise<string[]> {
  const rows = await tx.query<{ dataset_id: string }[]>(
    `SELECT head.dataset_id
       FROM dataset_heads head
       LEFT JOIN (SELECT dataset_id, count(*) AS events, max(position) AS last FROM events GROUP BY dataset_id) stored
         USING (dataset_id)
       LEFT JOIN (SELECT dataset_id, count(*) AS records FROM latest_records GROUP BY dataset_id) latest
         USING (dataset_id)
       LEFT JOIN dataset_retention USING (dataset_id)
      WHERE coalesce(stored.events, 0) + coalesce(removed, 0) <> last_position
         OR coalesce(stored.last, 0) > last_position OR coalesce(latest.records, 0) <> head.records
      ORDER BY 1 LIMIT 100`,
  );
  return rows.map((row) => row.dataset_id);
}
