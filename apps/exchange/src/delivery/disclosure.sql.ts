import type { EntityManager } from 'typeorm';
import { delivered } from './delivered.sql';
import { expiringSql, type LedgerRow, type ReadColumns, rowOf } from '../ledger/ledger-reads.sql';

export type LatestRow = LedgerRow & { key: string };
type StoredRow = ReadColumns & { record_key: string };

/** Most bytes of `data` read at once. */
const maxChunkBytes = 4 * 1024 * 1024;

// The one place that says which latest events count as records, for every way to ask for them: a tombstone takes its
// key from `latest_records`. Each event is read by the key of the one partition that holds it: the planner, which cannot
// know how few they are, would rather read them all.
const recordsWhere = (condition: string): string => `
  WITH picked AS MATERIALIZED (
    SELECT record_key, position,
           (SELECT period FROM ledger_periods known WHERE known.dataset_id = $1 AND first_position <= record.position
             ORDER BY period DESC LIMIT 1) AS period
      FROM latest_records record WHERE dataset_id = $1 AND ${condition})
  SELECT record_key, position, event.*
    FROM picked CROSS JOIN LATERAL (
      SELECT recorded_at, digest, ${expiringSql}, data FROM events
       WHERE dataset_id = $1 AND position = picked.position AND period = picked.period LIMIT 1) event`;

/** Exported for the spec that reads its plan. */
export const readLatestSql = `
  SELECT * FROM (
    SELECT *, count(*) OVER () AS found,
           sum(octet_length(data)) OVER (ORDER BY record_key) - octet_length(data) AS bytes_before
      FROM (${recordsWhere('($2::text IS NULL OR record_key > $2) ORDER BY record_key LIMIT $3')}) chunk) sized
   WHERE bytes_before < ${maxChunkBytes} ORDER BY record_key`;

/**
 * The latest records behind a key, or from the first one on, in the order of their keys: at most `limit`, and at most
 * about 4 MiB, but always one if there is one.
 */
export async function readLatest(
  datasetId: string,
  afterKey: string | undefined,
  limit: number,
  tx: EntityManager,
): Promise<{ rows: LatestRow[]; isLast: boolean }> {
  const rows = await tx.query<(StoredRow & { found: string })[]>(readLatestSql, [datasetId, afterKey ?? null, limit]);
  const found = Number(rows[0]?.found ?? 0);
  return { rows: rows.map(latestOf), isLast: found < limit && rows.length === found };
}

/** The latest record under a key. */
export async function readLatestByKey(
  datasetId: string,
  key: string,
  tx: EntityManager,
): Promise<LatestRow | undefined> {
  const rows = await tx.query<StoredRow[]>(recordsWhere('record_key = $2'), [datasetId, key]);
  return rows.map(latestOf)[0];
}

const latestOf = (row: StoredRow): LatestRow => ({ ...rowOf(row), key: row.record_key });

/** How many keys a dataset has. */
export async function countLatest(datasetId: string, tx: EntityManager): Promise<number> {
  const [head] = await tx.query<{ records: string }[]>('SELECT records FROM dataset_heads WHERE dataset_id = $1', [
    datasetId,
  ]);
  return Number(head?.records ?? 0);
}

export async function headOf(datasetId: string, tx: EntityManager): Promise<number> {
  const [head] = await tx.query<{ last_position: string }[]>(
    'SELECT last_position FROM dataset_heads WHERE dataset_id = $1',
    [datasetId],
  );
  return Number(head?.last_position ?? 0);
}

/** Remembers that a subscription was shown its dataset up to `through`; who confirms what arrived counts it. */
export async function moveDisclosed(subscriptionId: string, through: number, tx: EntityManager): Promise<void> {
  await tx.query(
    'UPDATE subscriptions SET disclosed_position = $2 WHERE subscription_id = $1 AND disclosed_position < $2',
    [subscriptionId, through],
  );
}

/** The same from behind `after` on where what is shown has arrived: of `positions` those count that never did. */
export async function countDisclosed(
  { subscriptionId, after, through, positions }: Shown,
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `UPDATE subscriptions
        SET ${delivered('$2', '$3', '$4')},
            disclosed_position = greatest(disclosed_position, $3)
      WHERE subscription_id = $1
        AND (disclosed_position < $3 OR NOT counted @> int8range($2::bigint + 1, $3::bigint + 1))`,
    [subscriptionId, after, through, positions],
  );
}
export type Shown = { subscriptionId: string; after: number; through: number; positions: number[] };

export type DisclosureRow = {
  disclosureId: string;
  subscriptionId?: string;
  exportId?: string;
  agreementId: string;
  agreementVersion: number;
  purpose: string;
  mode: string;
  caseReference?: string;
  principal: string;
  first: number;
  last: number;
  records: number;
  at: Date;
};

export async function insertDisclosure(row: DisclosureRow, tx: EntityManager): Promise<void> {
  await tx.query(
    `INSERT INTO disclosures (disclosure_id, subscription_id, export_id, agreement_id, agreement_version, purpose, mode,
                              case_reference, principal, first_position, last_position, records, disclosed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      row.disclosureId,
      row.subscriptionId ?? null,
      row.exportId ?? null,
      row.agreementId,
      row.agreementVersion,
      row.purpose,
      row.mode,
      row.caseReference ?? null,
      row.principal,
      row.first,
      row.last,
      row.records,
      row.at,
    ],
  );
}
