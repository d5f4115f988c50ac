"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.recordsLeft = void 0;
exports.grant = grant;
const contracts_1 = require("@govbus/contracts");
/** Most records that may still be disclosed today; undefined when they are not limited. */
const recordsLeft = (limits, usage) => limits.recordsPerDay === undefined ? undefined : Math.max(0, limits.recordsPerDay - usage.records);
exports.recordsLeft = recordsLeft;
/**
 * How many of the wanted records may be disclosed: as many as are left of the day.
 *
 * Errors: `Limited` `agreement.limit-reached` when nothing is left of the day or the minute, with the limit, and in how
 *   many seconds there is something again.
 */
function grant(limits, usage, wanted, about) {
    const { accessesPerMinute, recordsPerDay } = limits;
    const left = (0, exports.recordsLeft)(limits, usage);
    // The longer wait goes first: who waits for the minute only to be refused for the day has waited in vain.
    if (recordsPerDay !== undefined && left === 0)
        throw reached('volume', `the agreement allows ${recordsPerDay} records a day (UTC), and they are used up`, {
            ...{ about, limit: recordsPerDay, waitSeconds: usage.dayEndsIn },
        });
    if (accessesPerMinute !== undefined && usage.accesses + wanted.accesses > accessesPerMinute)
        throw reached('rate', `the agreement allows ${accessesPerMinute} accesses a minute, and they are used up`, {
            ...{ about, limit: accessesPerMinute, waitSeconds: usage.minuteEndsIn },
        });
    return Math.min(wanted.records, left ?? Infinity);
}
const attributes = { rate: 'accessesPerMinute', volume: 'recordsPerDay' };
function reached(kind, detail, { about, limit, waitSeconds }) {
    const retryAfterSeconds = Math.max(1, waitSeconds);
    const attribute = `agreement.terms.limits.${attributes[kind]}`;
    const needed = `to wait ${retryAfterSeconds} seconds`;
    const explanation = { code: `agreement.${kind}`, attribute, limit, needed, detail };
    return new contracts_1.Limited('agreement.limit-reached', detail, { explanation, about, retryAfterSeconds });
}
//# sourceMappingURL=limits.rules.js.map