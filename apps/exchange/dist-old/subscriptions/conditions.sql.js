"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.noConditions = void 0;
exports.conditionsOf = conditionsOf;
/** The conditions of several subscriptions; those that are not there are missing. */
async function conditionsOf(subscriptionIds, tx) {
    const rows = await tx.query(`SELECT s.subscription_id AS id, c.open_until AS "circuitUntil", o.starts_at AS "from", o.ends_at AS until, o.reason,
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
      WHERE s.subscription_id = ANY($1::uuid[])`, [subscriptionIds]);
    return new Map(rows.map(({ id, circuit, circuitUntil, from, until, reason }) => {
        const outage = from && until ? { from, until, reason: reason ?? '' } : null;
        return [id, { circuit, circuitUntil, outage }];
    }));
}
/** What a subscription has that none of this is true of. */
exports.noConditions = { circuit: 'closed', circuitUntil: null, outage: null };
//# sourceMappingURL=conditions.sql.js.map