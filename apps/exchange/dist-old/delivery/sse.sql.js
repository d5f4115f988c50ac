"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.acknowledgeThrough = acknowledgeThrough;
/** Everything up to `position` is done with; never backwards. */
async function acknowledgeThrough(subscriptionId, position, tx) {
    await tx.query(`UPDATE subscriptions SET acked_position = $2
      WHERE subscription_id = $1 AND acked_position < $2 AND disclosed_position >= $2`, [subscriptionId, position]);
}
//# sourceMappingURL=sse.sql.js.map