import type { EntityManager } from 'typeorm';

/** A planned outage of a consumer: nothing is sent to it meanwhile. */
export type Outage = {
  outageId: string;
  /** null: of all subscriptions of the department. */
  subscriptionId: string | null;
  from: Date;
  until: Date;
  reason: string;
};

/** Those of a department that are not over, the next first. */
export function listOutages(department: string, limit: number, tx: EntityManager): Promise<Outage[]> {
  return tx.query<Outage[]>(
    `SELECT outage_id AS "outageId", subscription_id AS "subscriptionId", starts_at AS "from", ends_at AS until, reason
       FROM planned_outages WHERE consumer_department = $1 AND ends_at > clock_timestamp()
      ORDER BY starts_at, outage_id LIMIT $2`,
    [department, limit],
  );
}

/** Keeps an outage, and lets go of those of the department that are over. */
export async function insertOutage(
  department: string,
  announcedBy: string,
  now: Date,
  { outageId, subscriptionId, from, until, reason }: Outage,
  tx: EntityManager,
): Promise<void> {
  await tx.query('DELETE FROM planned_outages WHERE consumer_department = $1 AND ends_at <= clock_timestamp()', [
    department,
  ]);
  await tx.query(
    `INSERT INTO planned_outages (outage_id, consumer_department, subscription_id, starts_at, ends_at, reason,
                                  announced_by, announced_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [outageId, department, subscriptionId, from, until, reason, announcedBy, now],
  );
}

export async function removeOutage(department: string, outageId: string, tx: EntityManager): Promise<boolean> {
  const gone = await tx.query<unknown[]>(
    `WITH gone AS (DELETE FROM planned_outages WHERE consumer_department = $1 AND outage_id = $2 RETURNING 1)
     SELECT * FROM gone`,
    [department, outageId],
  );
  return gone.length > 0;
}
