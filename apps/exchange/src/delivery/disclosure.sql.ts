import type { EntityManager } from 'typeorm';
import type { LedgerRow } from '../ledger/ledger-reads.sql';

export type LatestRow = LedgerRow & { key: string };
type StoredRow = { record_key: string; position: string; recorded_at: Date; digest: string; data: string };

// The one place that says which latest events count as records: of every way to ask for them.
const latest = `
  SELECT record_key, position, recorded_at, digest, data
    FROM (SELECT dataset_id, record_key, position FROM latest_records WHERE dataset_id = $1`;
// Each by the key of the one partition that holds it.
const records = `) latest
    CROSS JOIN LATERAL (SELECT period FROM ledger_periods WHERE dataset_id = latest.dataset_id
                           AND first_position <= latest.position ORDER BY period DESC LIMIT 1) known
    JOIN events USING (dataset_id, position, record_key, period) ORDER BY record_key`;

/** The latest records behind a key, or from the first one on: at most `limit`, in the order of their keys. */
export async function readLatest(
  datasetId: string,
  afterKey: string | undefined,
  limit: number,
  tx: EntityManager,
): Promise<LatestRow[]> {
  const rows = await tx.query<StoredRow[]>(
    `${latest} AND ($2::text IS NULL OR record_key > $2) ORDER BY record_key LIMIT $3${records}`,
    [datasetId, afterKey ?? null, limit],
  );
  return rows.map(latestOf);
}

/** The latest record under a key. */
export async function readLatestByKey(
  datasetId: string,
  key: string,
  tx: EntityManager,
): Promise<LatestRow | undefined> {
  const rows = await tx.query<StoredRow[]>(`${latest} AND record_key = $2${records}`, [datasetId, key]);
  return rows.map(latestOf)[0];
}

const latestOf = ({ record_key: key, position, recorded_at: recordedAt, digest, data }: StoredRow): LatestRow => {
  return { key, position: Number(position), recordedAt, digest, data };
};

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

/** Remembers how far a subscription was shown its dataset; of `counted` those it had not been shown before count. */
export async function moveDisclosed(
  subscriptionId: string,
  through: number,
  counted: number[],
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `UPDATE subscriptions
        SET delivered = delivered + (SELECT count(*) FROM unnest($3::bigint[]) shown WHERE shown > disclosed_position),
            disclosed_position = $2
      WHERE subscription_id = $1 AND disclosed_position < $2`,
    [subscriptionId, through, counted],
  );
}

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
