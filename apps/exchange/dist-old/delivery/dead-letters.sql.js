"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.putAside = putAside;
exports.insertDeadLetter = insertDeadLetter;
exports.listDeadLetters = listDeadLetters;
exports.findDeadLetter = findDeadLetter;
exports.claim = claim;
exports.putBack = putBack;
exports.removeDelivered = removeDelivered;
const webhook_sql_1 = require("./webhook.sql");
const columns = `dead_letter_id AS "deadLetterId", subscription_id AS "subscriptionId", after_position AS "after",
  through_position AS "through", records, reason, attempts, put_aside_at AS "putAsideAt", replays`;
const letterOf = (row) => ({ ...row, after: Number(row.after), through: Number(row.through) });
/** Puts a page aside and lets delivery go on behind it; false if the subscription was moved elsewhere meanwhile. */
async function putAside(letter, waitMs, tx) {
    const { subscriptionId, after, through, reason, replays } = letter;
    const moved = await tx.query(`WITH moved AS (
       UPDATE subscriptions
          SET acked_position = $3, failures = 0, page_attempts = 0, page_through = NULL, last_error = $4,
              next_attempt_at = ${(0, webhook_sql_1.pausedBy)('$5::integer')}
        WHERE subscription_id = $1 AND acked_position = $2 AND replays = $6 RETURNING 1
     ) SELECT * FROM moved`, [subscriptionId, after, through, reason, waitMs, replays]);
    if (moved.length === 0)
        return false;
    await insertDeadLetter(letter, tx);
    return true;
}
async function insertDeadLetter(letter, tx) {
    const { deadLetterId, subscriptionId, after, through, records, reason, attempts, putAsideAt, replays } = letter;
    await tx.query('UPDATE subscriptions SET dead_letters = dead_letters + 1 WHERE subscription_id = $1', [
        subscriptionId,
    ]);
    await tx.query(`INSERT INTO dead_letters (dead_letter_id, subscription_id, after_position, through_position, records, reason,
                               attempts, put_aside_at, replays)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [deadLetterId, subscriptionId, after, through, records, reason, attempts, putAsideAt, replays]);
}
async function listDeadLetters(subscriptionId, behind, limit, tx) {
    const rows = await tx.query(`SELECT ${columns} FROM dead_letters
      WHERE subscription_id = $1
        AND ($2::timestamptz IS NULL OR (put_aside_at, dead_letter_id) > ($2::timestamptz, $3::uuid))
      ORDER BY put_aside_at, dead_letter_id LIMIT $4`, [subscriptionId, behind?.at ?? null, behind?.id ?? null, limit]);
    return rows.map(letterOf);
}
async function findDeadLetter(subscriptionId, deadLetterId, tx) {
    const rows = await tx.query(`SELECT ${columns} FROM dead_letters WHERE subscription_id = $1 AND dead_letter_id = $2`, [subscriptionId, deadLetterId]);
    return rows.map(letterOf)[0];
}
/** Whether this caller alone may send the page now, until `until` at the latest. */
async function claim(deadLetterId, now, until, tx) {
    const claimed = await tx.query(`WITH claimed AS (UPDATE dead_letters SET busy_until = $3
                       WHERE dead_letter_id = $1 AND (busy_until IS NULL OR busy_until <= $2) RETURNING 1)
     SELECT * FROM claimed`, [deadLetterId, now, until]);
    return claimed.length > 0;
}
/** What is behind the attempt is still to be delivered. */
async function putBack({ letter, after, positions, reason }, tx) {
    const { deadLetterId, subscriptionId } = letter;
    await (0, webhook_sql_1.count)(subscriptionId, positions, tx);
    await tx.query(`UPDATE dead_letters SET busy_until = NULL, after_position = $2, reason = coalesce($3, reason),
            attempts = attempts + CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END
      WHERE dead_letter_id = $1`, [deadLetterId, after, reason ?? null]);
}
/** The receiver has the page after all. */
async function removeDelivered(letter, positions, tx) {
    const { deadLetterId, subscriptionId } = letter;
    await (0, webhook_sql_1.count)(subscriptionId, positions, tx);
    const gone = await tx.query('WITH gone AS (DELETE FROM dead_letters WHERE dead_letter_id = $1 RETURNING 1) SELECT * FROM gone', [deadLetterId]);
    await tx.query('UPDATE subscriptions SET dead_letters = dead_letters - $2 WHERE subscription_id = $1', [
        subscriptionId,
        gone.length,
    ]);
}
//# sourceMappingURL=dead-letters.sql.js.map