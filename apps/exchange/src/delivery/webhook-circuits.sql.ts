import type { EntityManager } from 'typeorm';
import { circuitFailures, openMs } from './webhook.rules';

/** Milliseconds after which another may probe an endpoint whose probe never ended: as long as a lease. */
const probeMs = 30_000;

/** Where a webhook goes, and for whom: what an address answers to one department says nothing about another's. */
export type Endpoint = { subscriptionId: string; consumerDepartment: string; webhookUrl: string | null };

/**
 * Whether an attempt may begin: freely, as the one probe of a half-open circuit, or not at all, because the circuit is
 * open or another probes. `isKnown`: the endpoint has failed since its last success.
 */
export type Entry = { pass: 'free' | 'probe' | 'none'; isKnown: boolean };

type EntryRow = { isProbe: boolean; isKnown: boolean; isOpen: boolean };

/** Asks to send to an endpoint; the probe of a half-open circuit is the caller's until it reports an outcome or leaves. */
export async function enter(endpoint: Endpoint, tx: EntityManager): Promise<Entry> {
  const { subscriptionId, consumerDepartment, webhookUrl } = endpoint;
  const [row] = await tx.query<EntryRow[]>(
    `WITH probe AS (
       UPDATE endpoint_circuits SET probe_by = $1, probe_until = clock_timestamp() + $4 * interval '1 ms'
        WHERE consumer_department = $2 AND url = $3 AND open_until <= clock_timestamp()
          AND (probe_until IS NULL OR probe_until <= clock_timestamp() OR probe_by = $1) RETURNING 1)
     SELECT EXISTS (SELECT 1 FROM probe) AS "isProbe", c.url IS NOT NULL AS "isKnown",
            c.open_until IS NOT NULL AS "isOpen"
       FROM subscriptions s
       LEFT JOIN endpoint_circuits c ON c.consumer_department = $2 AND c.url = $3
      WHERE s.subscription_id = $1`,
    [subscriptionId, consumerDepartment, webhookUrl, probeMs],
  );
  if (!row) return { pass: 'none', isKnown: false };
  if (row.isProbe) return { pass: 'probe', isKnown: true };
  return { pass: row.isOpen ? 'none' : 'free', isKnown: row.isKnown };
}

/** Lets others probe: the caller's turn is over. Who reported an outcome that closed or opened the circuit has no probe. */
export async function leaveProbe(endpoint: Endpoint, tx: EntityManager): Promise<void> {
  const { subscriptionId, consumerDepartment, webhookUrl } = endpoint;
  await tx.query(
    `UPDATE endpoint_circuits SET probe_by = NULL, probe_until = NULL
      WHERE consumer_department = $1 AND url = $2 AND probe_by = $3`,
    [consumerDepartment, webhookUrl, subscriptionId],
  );
}

/** The endpoint answered: its failures are forgotten and its circuit is closed. */
export async function close({ consumerDepartment, webhookUrl }: Endpoint, tx: EntityManager): Promise<void> {
  await tx.query('DELETE FROM endpoint_circuits WHERE consumer_department = $1 AND url = $2', [
    consumerDepartment,
    webhookUrl,
  ]);
}

/** The endpoint failed once more; answers whether its circuit is open now. */
export async function fail(
  { consumerDepartment, webhookUrl }: Endpoint,
  retryAfterMs: number | undefined,
  tx: EntityManager,
): Promise<boolean> {
  return tx.transaction(async (own) => {
    const [row] = await own.query<{ failures: number; opened: number; isOpen: boolean }[]>(
      `INSERT INTO endpoint_circuits (consumer_department, url, failures, opened) VALUES ($1, $2, 1, 0)
       ON CONFLICT (consumer_department, url) DO UPDATE SET failures = endpoint_circuits.failures + 1
       RETURNING failures, opened, coalesce(open_until > clock_timestamp(), false) AS "isOpen"`,
      [consumerDepartment, webhookUrl],
    );
    if (!row) return false;
    // Attempts that began before it opened change nothing.
    if (row.isOpen) return true;
    if (row.failures < circuitFailures && retryAfterMs === undefined) return false;
    await own.query(
      `UPDATE endpoint_circuits
          SET open_until = clock_timestamp() + $3 * interval '1 ms', opened = opened + 1, probe_by = NULL,
              probe_until = NULL
        WHERE consumer_department = $1 AND url = $2`,
      [consumerDepartment, webhookUrl, openMs(row.opened, retryAfterMs)],
    );
    return true;
  });
}

/** Forgets the circuit of an endpoint to which no subscription of the department goes any more. */
export async function forget({ consumerDepartment, webhookUrl }: Endpoint, tx: EntityManager): Promise<void> {
  await tx.query(
    `DELETE FROM endpoint_circuits c WHERE consumer_department = $1 AND url = $2
        AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.consumer_department = $1 AND s.webhook_url = $2)`,
    [consumerDepartment, webhookUrl],
  );
}
