"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.listOutages = listOutages;
exports.insertOutage = insertOutage;
exports.removeOutage = removeOutage;
/** Those of a department that are not over, the next first. */
function listOutages(department, limit, tx) {
    return tx.query(`SELECT outage_id AS "outageId", subscription_id AS "subscriptionId", starts_at AS "from", ends_at AS until, reason
       FROM planned_outages WHERE consumer_department = $1 AND ends_at > clock_timestamp()
      ORDER BY starts_at, outage_id LIMIT $2`, [department, limit]);
}
/** Keeps an outage, and lets go of those of the department that are over. */
async function insertOutage(department, announcedBy, now, { outageId, subscriptionId, from, until, reason }, tx) {
    await tx.query('DELETE FROM planned_outages WHERE consumer_department = $1 AND ends_at <= clock_timestamp()', [
        department,
    ]);
    await tx.query(`INSERT INTO planned_outages (outage_id, consumer_department, subscription_id, starts_at, ends_at, reason,
                                  announced_by, announced_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, [outageId, department, subscriptionId, from, until, reason, announcedBy, now]);
}
async function removeOutage(department, outageId, tx) {
    const gone = await tx.query(`WITH gone AS (DELETE FROM planned_outages WHERE consumer_department = $1 AND outage_id = $2 RETURNING 1)
     SELECT * FROM gone`, [department, outageId]);
    return gone.length > 0;
}
//# sourceMappingURL=outages.sql.js.map