import type { EntityManager } from 'typeorm';

/** What keeps deliveries of a subscription back beside its own failures, at this moment. */
export type Conditions = {
  /** Half-open: the time is over and one attempt will tell. */
  circuit: 'closed' | 'open' | 'half-open';
  circuitUntil: Date | null;
  /** The planned outage of the consumer that is running. */
  outage: { from: Date; until: Date; reason: string } | null;
};
type Row = { id: string; circuit: Conditions['circuit']; circuitUntil: Date | null } & {
  [part in 'from' | 'until']: Date | null;
} & { reason: string | null };

/** The conditions of several subscriptions; those that are not there are missing. */
export async function conditionsOf(subscriptionIds: string[], tx: EntityManager): Promise<Map<string, Conditions>> {
  const rows = await tx.query<Row[]>(
    `SELECT s.subscription_id AS id, c.open_until AS "circuitUntil", o.starts_at AS "from", o.ends_at AS until, o.reason,
            CASE WHEN c.open_until IS NULL THEN 'closed'
                 WHEN c.open_until > clock_timestamp() THEN 'open' ELSE 'half-open' END AS circuit
       FROM subscriptions s
       LEFT JOIN endpoint_circuits c ON c.consumer_department = s.consumer_department AND c.url = s.webhook_url
       LEFT JOIN LATERAL (
         SELECT starts_at, ends_at, reason FROM planned_outages p
          WHERE p.consumer_department = s.consumer_department
            AND (p.subscription_id IS NULL OR p.subscription_id = s.subscription_id)
            AND p.starts_at <= clock_timestamp() AND p.ends_at > clock_timestamp()
          ORDER BY p.ends_at DESC LIMIT 1) o ON true
      WHERE s.subscription_id = ANY($1::uuid[])`,
    [subscriptionIds],
  );
  return new Map(
    rows.map(({ id, circuit, circuitUntil, from, until, reason }) => {
      const outage = from && until ? { from, until, reason: reason ?? '' } : null;
      return [id, { circuit, circuitUntil, outage }];
    }),
  );
}

/** What a subscription has that none of this is true of. */
export const noConditions: Conditions = { circuit: 'closed', circuitUntil: null, outage: null };
