import type { DeliveryMode } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';

/** A subscription that this process delivers until the lease ends. */
export type Leased = { subscriptionId: string; agreementId: string; department: string };

/** Channel on which every process hears that a subscription was made or changed, and may be due. */
export const SUBSCRIPTIONS_CHANGED = 'subscriptions';

/** Milliseconds a lease lasts: longer than one attempt, renewed with each page. */
export const leaseMs = 30_000;

/** Events held behind the cursor of one subscription after which it gets no new page until some are done with. */
export const maxHeld = 1_000;

/** Whether subscription `s` of the statement around it is in a planned outage of its consumer. */
export const isOut = `EXISTS (
  SELECT 1 FROM planned_outages o
   WHERE o.consumer_department = s.consumer_department
     AND (o.subscription_id IS NULL OR o.subscription_id = s.subscription_id)
     AND o.starts_at <= clock_timestamp() AND o.ends_at > clock_timestamp())`;

/** Under which token of its own it leases, how many at most, and nothing of the departments in `full`. */
export type Taking = { mode: DeliveryMode; owner: string; limit: number; full: string[] };

/**
 * Leases subscriptions of one mode that have something to deliver and are due; other processes skip them. Nothing is due
 * in a planned outage of the consumer, nor while the circuit of the webhook's endpoint is open or another probes it. Who
 * was not delivered for the longest time comes first.
 */
export function lease({ mode, owner, limit, full }: Taking, now: Date, tx: EntityManager): Promise<Leased[]> {
  return tx.query<Leased[]>(
    `WITH due AS (
       SELECT s.subscription_id FROM subscriptions s JOIN dataset_heads h USING (dataset_id)
        WHERE s.mode = $5 AND s.status = 'active'
          AND (s.acked_position < h.last_position AND s.held < ${maxHeld} OR s.held_due_at <= clock_timestamp())
          AND (s.next_attempt_at IS NULL OR s.next_attempt_at <= $2)
          AND (s.lease_owner IS NULL OR s.lease_until <= $2)
          AND s.consumer_department <> ALL($6::text[])
          AND NOT ${isOut}
          AND NOT EXISTS (
            SELECT 1 FROM endpoint_circuits c
             WHERE c.consumer_department = s.consumer_department AND c.url = s.webhook_url
               AND (c.open_until > clock_timestamp()
                    OR c.probe_until > clock_timestamp() AND c.probe_by <> s.subscription_id))
        ORDER BY s.lease_until NULLS FIRST LIMIT $4 FOR UPDATE OF s SKIP LOCKED
     ), leased AS (
       UPDATE subscriptions s SET lease_owner = $1, lease_until = $3 FROM due
        WHERE s.subscription_id = due.subscription_id
       RETURNING s.subscription_id AS "subscriptionId", s.agreement_id AS "agreementId",
                 s.consumer_department AS department
     ) SELECT * FROM leased`,
    [owner, now, new Date(now.getTime() + leaseMs), limit, mode, full],
  );
}

/** Whether the lease is still that of `owner`, made longer, and may go on: not when a planned outage has begun. */
export async function renew(owner: string, subscriptionId: string, now: Date, tx: EntityManager): Promise<boolean> {
  const held = await tx.query<unknown[]>(
    `WITH held AS (UPDATE subscriptions s SET lease_until = $3
                    WHERE subscription_id = $2 AND lease_owner = $1 AND status = 'active' AND NOT ${isOut} RETURNING 1)
     SELECT * FROM held`,
    [owner, subscriptionId, new Date(now.getTime() + leaseMs)],
  );
  return held.length > 0;
}

/** Gives a lease back unless it was lost; when it ended stays, by which others get their turn. */
export async function release(owner: string, subscriptionId: string, now: Date, tx: EntityManager): Promise<void> {
  await tx.query(
    'UPDATE subscriptions SET lease_owner = NULL, lease_until = $3 WHERE subscription_id = $2 AND lease_owner = $1',
    [owner, subscriptionId, now],
  );
}

/** Stands for whoever may have changed in the registry, among the payloads of its channel. */
export const anything = '';

/**
 * What was denied in the name of a principal, or for a department, that has changed and is active now is tried anew.
 *
 * Shape: `changed` are payloads of `REGISTRY_CHANGED`, or `anything`, after which each is tried once and keeps its pauses.
 */
export async function forgetDenials(mode: DeliveryMode, changed: string[], tx: EntityManager): Promise<void> {
  await tx.query(
    `UPDATE subscriptions s
        SET next_attempt_at = NULL, failures = CASE WHEN '${anything}' = ANY($2::text[]) THEN failures ELSE 0 END
      WHERE s.mode = $1 AND s.status = 'active' AND s.last_error LIKE 'decision.denied%' AND s.next_attempt_at IS NOT NULL
        AND ('${anything}' = ANY($2::text[])
             OR EXISTS (SELECT 1 FROM principals p
                         WHERE p.principal_id = s.owner AND p.status = 'active'
                           AND 'principal:' || p.principal_id = ANY($2))
             OR EXISTS (SELECT 1 FROM agreements a JOIN departments d
                            ON d.department_code IN (a.provider_department, a.consumer_department)
                         WHERE a.agreement_id = s.agreement_id AND d.status = 'active'
                           AND 'department:' || d.department_code = ANY($2)))`,
    [mode, changed],
  );
}
