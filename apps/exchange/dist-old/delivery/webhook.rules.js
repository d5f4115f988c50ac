"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.paceMs = exports.openMs = exports.circuitFailures = exports.keyDigestOf = exports.webhookOrders = void 0;
exports.webhookIdOf = webhookIdOf;
exports.lanesOf = lanesOf;
exports.signingKeys = signingKeys;
exports.readConsent = readConsent;
const node_crypto_1 = require("node:crypto");
/**
 * The `webhook-id` of a message: the same each time it goes out under the same terms, whatever the attempt; another when
 * it is replayed, because receivers drop ids that they know.
 *
 * Source: Standard Webhooks 1.0.0; it must hold no `.` and not be chosen by the caller.
 */
function webhookIdOf({ subscriptionId, agreementVersion, replays, first, last }) {
    const text = JSON.stringify([subscriptionId, first, last, agreementVersion, ...(replays > 0 ? [replays] : [])]);
    return `msg_${(0, node_crypto_1.createHash)('sha256').update(text).digest('base64url').slice(0, 32)}`;
}
/**
 * Whether all events of a dataset go out one after the other, or only those of one record key: then each in a request of
 * its own, and one that fails holds those of its key alone.
 */
exports.webhookOrders = ['dataset', 'key'];
/** How a record key is told from others where the key itself need not be kept; those without one count as one. */
const keyDigestOf = (recordKey) => (0, node_crypto_1.createHash)('sha256')
    .update(recordKey ?? '')
    .digest('base64url')
    .slice(0, 22);
exports.keyDigestOf = keyDigestOf;
/** The events of a page by their keys; those whose key is in `waiting` are behind. */
function lanesOf(events, waiting) {
    const lanes = new Map();
    const behind = events.filter(({ keyDigest }) => waiting.has(keyDigest));
    for (const { position, keyDigest } of events) {
        if (waiting.has(keyDigest))
            continue;
        const lane = lanes.get(keyDigest);
        if (lane)
            lane.push(position);
        else
            lanes.set(keyDigest, [position]);
    }
    return { lanes: [...lanes].map(([keyDigest, positions]) => ({ keyDigest, positions })), behind };
}
/** Failures in a row after which the circuit of an endpoint opens. */
exports.circuitFailures = 5;
const [firstOpenMs, maxOpenMs] = [10_000, 300_000];
/**
 * Milliseconds for which a circuit is open when it opened `opened` times before without a success between: doubled each
 * time up to five minutes, and at least what the receiver asked for.
 */
const openMs = (opened, retryAfterMs = 0) => Math.max(Math.min(firstOpenMs * 2 ** Math.min(opened, 10), maxOpenMs), retryAfterMs);
exports.openMs = openMs;
/** The sealed keys that sign now, the newest first: while a rotation's overlap lasts, the one before as well. */
function signingKeys(keys, now) {
    const { webhookSecret, previousWebhookSecret, previousSecretUntil } = keys;
    const isOverlapping = previousSecretUntil !== null && previousSecretUntil > now;
    return [webhookSecret, isOverlapping ? previousWebhookSecret : null].filter((key) => key !== null);
}
/**
 * Whether a receiver allows deliveries from `origin`, and how many a minute; its status proves nothing.
 *
 * Source: CloudEvents HTTP 1.1 Web Hooks, section 4.
 */
function readConsent(allowedOrigin, allowedRate, origin) {
    const allowed = allowedOrigin?.trim().toLowerCase();
    if (allowed !== '*' && allowed !== origin.toLowerCase())
        return { outcome: 'refused', error: `the receiver does not allow deliveries from ${origin}` };
    const rate = /^[1-9]\d{0,6}$/.exec(allowedRate?.trim() ?? '');
    return { outcome: 'allowed', ...(rate && { rate: Number(rate[0]) }) };
}
/** Milliseconds between two deliveries that keep a rate a minute; null without one. */
const paceMs = (rate) => (rate === null ? null : Math.ceil(60_000 / rate));
exports.paceMs = paceMs;
//# sourceMappingURL=webhook.rules.js.map