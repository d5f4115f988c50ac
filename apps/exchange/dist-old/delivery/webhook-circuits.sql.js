"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.enter = enter;
exports.close = close;
exports.fail = fail;
exports.forget = forget;
const webhook_rules_1 = require("./webhook.rules");
/** Milliseconds after which another may probe an endpoint whose probe never ended: as long as a lease. */
const probeMs = 30_000;
/** Asks to send to an endpoint; the probe of a half-open circuit is the caller's until its outcome is reported. */
async function enter(endpoint, tx) {
    const { subscriptionId, consumerDepartment, webhookUrl } = endpoint;
    const [row] = await tx.query(`WITH probe AS (
       UPDATE endpoint_circuits SET probe_by = $1, probe_until = clock_timestamp() + $4 * interval '1 ms'
        WHERE consumer_department = $2 AND url = $3 AND open_until <= clock_timestamp()
          AND (probe_until IS NULL OR probe_until <= clock_timestamp() OR probe_by = $1) RETURNING 1)
     SELECT EXISTS (SELECT 1 FROM probe) AS "isProbe", c.url IS NOT NULL AS "isKnown",
            c.open_until IS NOT NULL AS "isOpen"
       FROM subscriptions s
       LEFT JOIN endpoint_circuits c ON c.consumer_department = $2 AND c.url = $3
      WHERE s.subscription_id = $1`, [subscriptionId, consumerDepartment, webhookUrl, probeMs]);
    if (!row)
        return { pass: 'none', isKnown: false };
    if (row.isProbe)
        return { pass: 'probe', isKnown: true };
    return { pass: row.isOpen ? 'none' : 'free', isKnown: row.isKnown };
}
/** The endpoint answered: its failures are forgotten and its circuit is closed. */
async function close({ consumerDepartment, webhookUrl }, tx) {
    await tx.query('DELETE FROM endpoint_circuits WHERE consumer_department = $1 AND url = $2', [
        consumerDepartment,
        webhookUrl,
    ]);
}
/** The endpoint failed once more; answers whether its circuit is open now. */
async function fail({ consumerDepartment, webhookUrl }, retryAfterMs, tx) {
    return tx.transaction(async (own) => {
        const [row] = await own.query(`INSERT INTO endpoint_circuits (consumer_department, url, failures, opened) VALUES ($1, $2, 1, 0)
       ON CONFLICT (consumer_department, url) DO UPDATE SET failures = endpoint_circuits.failures + 1
       RETURNING failures, opened, coalesce(open_until > clock_timestamp(), false) AS "isOpen"`, [consumerDepartment, webhookUrl]);
        if (!row)
            return false;
        // Attempts that began before it opened change nothing.
        if (row.isOpen)
            return true;
        if (row.failures < webhook_rules_1.circuitFailures && retryAfterMs === undefined)
            return false;
        await own.query(`UPDATE endpoint_circuits
          SET open_until = clock_timestamp() + $3 * interval '1 ms', opened = opened + 1, probe_by = NULL,
              probe_until = NULL
        WHERE consumer_department = $1 AND url = $2`, [consumerDepartment, webhookUrl, (0, webhook_rules_1.openMs)(row.opened, retryAfterMs)]);
        return true;
    });
}
/** Forgets the circuit of an endpoint to which no subscription of the department goes any more. */
async function forget({ consumerDepartment, webhookUrl }, tx) {
    await tx.query(`DELETE FROM endpoint_circuits c WHERE consumer_department = $1 AND url = $2
        AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.consumer_department = $1 AND s.webhook_url = $2)`, [consumerDepartment, webhookUrl]);
}
//# sourceMappingURL=webhook-circuits.sql.js.map