"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.SHARE_TOPICS_CHANGED = void 0;
exports.wantTopic = wantTopic;
exports.unwantTopic = unwantTopic;
exports.isTopicThere = isTopicThere;
exports.doubtTopic = doubtTopic;
exports.claimTopics = claimTopics;
exports.noteCreated = noteCreated;
exports.noteRemoved = noteRemoved;
exports.postponeTopic = postponeTopic;
const platform_1 = require("@govbus/platform");
/** Channel on which every process hears that a topic is to be made or removed. */
exports.SHARE_TOPICS_CHANGED = 'share-topics';
/** A topic is to be made for the subscription, once `tx` has committed. */
async function wantTopic(subscriptionId, now, tx) {
    await tx.query('INSERT INTO share_topics (subscription_id, due_at) VALUES ($1, $2)', [subscriptionId, now]);
    await platform_1.Changes.notify(exports.SHARE_TOPICS_CHANGED, subscriptionId, tx);
}
/** The subscription's topic is to be removed, if it has one, once `tx` has committed. */
async function unwantTopic(subscriptionId, now, tx) {
    await tx.query('UPDATE share_topics SET is_wanted = false, due_at = least(due_at, $2) WHERE subscription_id = $1', [
        subscriptionId,
        now,
    ]);
    await platform_1.Changes.notify(exports.SHARE_TOPICS_CHANGED, subscriptionId, tx);
}
async function isTopicThere(subscriptionId, tx) {
    const found = await tx.query('SELECT 1 FROM share_topics WHERE subscription_id = $1 AND is_created AND is_wanted', [subscriptionId]);
    return found.length > 0;
}
/** Sending failed: the topic is looked for, and made again if it has gone. */
async function doubtTopic(subscriptionId, now, tx) {
    await tx.query('UPDATE share_topics SET is_created = false, due_at = $2 WHERE subscription_id = $1 AND is_created', [
        subscriptionId,
        now,
    ]);
}
/** Takes topics that are to be made or removed; nobody else takes them before `until`. */
function claimTopics(now, until, limit, tx) {
    return tx.query(`WITH due AS (
       SELECT subscription_id FROM share_topics WHERE (NOT is_created OR NOT is_wanted) AND due_at <= $1
        ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
     ), claimed AS (
       UPDATE share_topics t SET due_at = $2, attempts = attempts + 1 FROM due
        WHERE t.subscription_id = due.subscription_id
       RETURNING t.subscription_id AS "subscriptionId", t.is_wanted AS "isWanted", t.attempts
     ) SELECT * FROM claimed`, [now, until, limit]);
}
/** Answers those whose topic was given up meanwhile: it must not stay. */
async function noteCreated(subscriptionIds, now, tx) {
    const kept = await tx.query(`WITH kept AS (UPDATE share_topics SET is_created = true, attempts = 0, due_at = $2
                    WHERE subscription_id = ANY($1) RETURNING subscription_id AS id)
     SELECT * FROM kept`, [subscriptionIds, now]);
    return subscriptionIds.filter((subscriptionId) => !kept.some(({ id }) => id === subscriptionId));
}
async function noteRemoved(subscriptionIds, tx) {
    await tx.query('DELETE FROM share_topics WHERE subscription_id = ANY($1) AND NOT is_wanted', [subscriptionIds]);
}
async function postponeTopic(subscriptionId, until, tx) {
    await tx.query('UPDATE share_topics SET due_at = $2 WHERE subscription_id = $1', [subscriptionId, until]);
}
//# sourceMappingURL=share-topics.sql.js.map