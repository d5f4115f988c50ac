"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.lagsOf = lagsOf;
exports.subscriptionsBy = subscriptionsBy;
exports.deadLettersOf = deadLettersOf;
exports.registryAges = registryAges;
/** Active subscriptions that are behind, the furthest first. */
async function lagsOf(limit, db) {
    const rows = await db.query(`SELECT s.subscription_id AS "subscriptionId", s.mode, h.last_position - s.acked_position AS behind
       FROM subscriptions s JOIN dataset_heads h USING (dataset_id)
      WHERE s.status = 'active' AND h.last_position > s.acked_position
      ORDER BY behind DESC LIMIT $1`, [limit]);
    return rows.map((row) => ({ ...row, behind: Number(row.behind) }));
}
async function subscriptionsBy(db) {
    const rows = await db.query('SELECT mode, status, count(*) AS count FROM subscriptions GROUP BY mode, status');
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
}
async function deadLettersOf(db) {
    const [row] = await db.query('SELECT coalesce(sum(dead_letters), 0) AS count FROM subscriptions');
    return Number(row?.count);
}
/** Seconds since each registry's copy was known to be whole; empty when it never was. */
function registryAges(db) {
    return db.query(`SELECT topic, greatest(0, extract(epoch FROM clock_timestamp() - caught_up_at))::float8 AS seconds
       FROM registry_watch WHERE isfinite(caught_up_at) ORDER BY topic`);
}
//# sourceMappingURL=delivery-metrics.sql.js.map