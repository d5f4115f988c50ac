"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.WEBHOOK_NOT_ALLOWED = exports.WEBHOOK_GONE = exports.subscriptionModes = exports.subscriptionStatuses = void 0;
exports.pause = pause;
exports.resume = resume;
exports.acknowledge = acknowledge;
exports.retryDelayMs = retryDelayMs;
const contracts_1 = require("@govbus/contracts");
exports.subscriptionStatuses = ['active', 'paused', 'stopped'];
/** How a subscription may be delivered; queries and files need none. */
exports.subscriptionModes = ['pull', 'webhook', 'sse', 'kafka'];
/** Why a webhook that answers 410 stops; its owner may start it again. */
exports.WEBHOOK_GONE = 'webhook.gone';
/** Why a webhook stops whose receiver does not agree to deliveries; its owner may have it asked again. */
exports.WEBHOOK_NOT_ALLOWED = 'webhook.not-allowed';
/** Holds deliveries back until it is resumed. */
function pause(subscription) {
    if (subscription.status !== 'active')
        throw new contracts_1.Conflict('subscription.not-active', `the subscription is ${subscription.status}`);
    return { status: 'paused', stopReason: null, version: subscription.version + 1 };
}
/** Starts a paused subscription again, or one that its receiver had stopped; never one its agreement stopped. */
function resume(subscription) {
    const { status, stopReason } = subscription;
    const isOwners = status === 'paused' || stopReason === exports.WEBHOOK_GONE || stopReason === exports.WEBHOOK_NOT_ALLOWED;
    if (!isOwners)
        throw new contracts_1.Conflict('subscription.not-paused', `the subscription is ${subscription.status}`);
    return { status: 'active', stopReason: null, version: subscription.version + 1 };
}
/** The acknowledged position after `position` was acknowledged: never backwards, never beyond what was disclosed. */
function acknowledge(state, position) {
    if (position > state.disclosedPosition)
        throw new contracts_1.Invalid('cursor.invalid', 'the cursor lies beyond what was disclosed to this subscription');
    return Math.max(state.ackedPosition, position);
}
/** Milliseconds to wait before the next attempt: doubled with each failure up to an hour; `jitter` is in [0, 1). */
function retryDelayMs(failures, jitter) {
    const full = Math.min(1000 * 2 ** Math.min(failures - 1, 20), 3_600_000);
    return Math.round(full * (0.5 + jitter / 2));
}
//# sourceMappingURL=subscription.rules.js.map