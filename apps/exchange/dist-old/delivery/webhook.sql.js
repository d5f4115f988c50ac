"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.pausedBy = void 0;
exports.confirm = confirm;
exports.count = count;
exports.postpone = postpone;
exports.noteConsent = noteConsent;
exports.stop = stop;
const delivered_sql_1 = require("./delivered.sql");
/** When the next request may go out, `$n` being milliseconds from now or null: at once. */
const pausedBy = (parameter) => `clock_timestamp() + ${parameter} * interval '1 ms'`;
exports.pausedBy = pausedBy;
/** The receiver has the page; the cursor stays where it is if the subscription was moved elsewhere meanwhile. */
async function confirm(sent, tx) {
    const { subscriptionId, replays, after, through, positions, pauseMs } = sent;
    const moved = await tx.query(`WITH moved AS (
       UPDATE subscriptions
          SET ${(0, delivered_sql_1.delivered)('$2', '$3', '$4')},
              acked_position = $3, failures = 0, last_error = NULL, next_attempt_at = ${(0, exports.pausedBy)('$5::integer')},
              page_through = NULL, page_attempts = 0
        WHERE subscription_id = $1 AND acked_position = $2 AND acked_position < $3 AND replays = $6 RETURNING 1
     ) SELECT * FROM moved`, [subscriptionId, after, through, positions, pauseMs, replays]);
    if (moved.length === 0)
        await count(subscriptionId, positions, tx);
}
/** Counts what the receiver has, each position once however often it was sent. */
async function count(subscriptionId, positions, tx) {
    if (positions.length === 0)
        return;
    await tx.query(`UPDATE subscriptions
        SET delivered = delivered + (SELECT count(*) FROM unnest($2::bigint[]) sent WHERE NOT counted @> sent),
            counted = counted + (SELECT range_agg(int8range(sent, sent + 1)) FROM unnest($2::bigint[]) sent),
            last_delivered_at = clock_timestamp()
      WHERE subscription_id = $1`, [subscriptionId, positions]);
}
/** What is behind `after` is tried again later, unless the subscription was moved elsewhere meanwhile. */
async function postpone(postponed, tx) {
    const { subscriptionId, replays, after, through, failures, error, waitMs } = postponed;
    await tx.query(`UPDATE subscriptions
        SET failures = $3, last_error = $4, next_attempt_at = ${(0, exports.pausedBy)('$5::integer')},
            page_through = coalesce($6, page_through),
            page_attempts = page_attempts + CASE WHEN $6::bigint IS NULL THEN 0 ELSE 1 END
      WHERE subscription_id = $1 AND acked_position = $2 AND replays = $7`, [subscriptionId, after, failures, error, waitMs, through, replays]);
}
/** The receiver at `url` agreed to deliveries, so many a minute. */
async function noteConsent(subscriptionId, url, rate, tx) {
    await tx.query('UPDATE subscriptions SET webhook_consented_url = $2, webhook_rate = $3 WHERE subscription_id = $1', [
        subscriptionId,
        url,
        rate ?? null,
    ]);
}
async function stop(subscriptionId, reason, error, tx) {
    await tx.query(`UPDATE subscriptions SET status_before_stop = status, status = 'stopped', stop_reason = $2, last_error = $3,
            version = version + 1
      WHERE subscription_id = $1 AND status = 'active'`, [subscriptionId, reason, error]);
}
//# sourceMappingURL=webhook.sql.js.map