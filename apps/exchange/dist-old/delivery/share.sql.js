"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.confirmShared = confirmShared;
exports.postponeShared = postponeShared;
const delivered_sql_1 = require("./delivered.sql");
/** Whether delivery goes on behind the page: not when the lease was lost, or the subscription moved, meanwhile. */
async function confirmShared(shared, tx) {
    const { owner, subscriptionId, after, through, positions } = shared;
    const moved = await tx.query(`WITH moved AS (
       UPDATE subscriptions
          SET ${(0, delivered_sql_1.delivered)('$3', '$4', '$5')},
              acked_position = $4, failures = 0, last_error = NULL, next_attempt_at = NULL
        WHERE subscription_id = $1 AND lease_owner = $2 AND acked_position = $3 AND acked_position < $4 RETURNING 1
     ) SELECT * FROM moved`, [subscriptionId, owner, after, through, positions]);
    return moved.length > 0;
}
/** What is behind `after` is tried again later, unless the lease was lost or the subscription moved meanwhile. */
async function postponeShared(unshared, tx) {
    const { owner, subscriptionId, after, failures, error, until } = unshared;
    await tx.query(`UPDATE subscriptions SET failures = $4, last_error = $5, next_attempt_at = $6
      WHERE subscription_id = $1 AND lease_owner = $2 AND acked_position = $3`, [subscriptionId, owner, after, failures, error, until]);
}
//# sourceMappingURL=share.sql.js.map