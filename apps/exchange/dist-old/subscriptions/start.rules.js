"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.donePosition = exports.startSchema = void 0;
exports.readStart = readStart;
exports.positionBefore = positionBefore;
exports.seek = seek;
exports.skip = skip;
const contracts_1 = require("@govbus/contracts");
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
/** How a start looks in the interface description. */
exports.startSchema = {
    oneOf: [
        { type: 'string', enum: ['beginning', 'now'] },
        {
            type: 'object',
            required: ['position'],
            properties: { position: { type: 'integer', minimum: 1 } },
            additionalProperties: false,
            description: 'the first event wanted',
        },
        {
            type: 'object',
            required: ['time'],
            properties: { time: { type: 'string', format: 'date-time' } },
            additionalProperties: false,
            description: 'the first event recorded at or after',
        },
    ],
};
/**
 * A start as a request gave it.
 *
 * Errors: `Invalid` `request.invalid` with `pointer` when it is none.
 */
function readStart(value, pointer) {
    if (value === 'beginning' || value === 'now')
        return value;
    const [[key, given] = ['', undefined], ...others] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (others.length === 0) {
        if (key === 'position' && typeof given === 'number' && Number.isSafeInteger(given) && given >= 1)
            return { position: given };
        if (key === 'time' && typeof given === 'string' && instant.test(given) && !Number.isNaN(Date.parse(given)))
            return { time: given };
    }
    const detail = 'must be `beginning`, `now`, `{ position }` from 1 on, or `{ time }` with its offset from UTC';
    throw new contracts_1.Invalid('request.invalid', 'the request breaks its rules', {
        faults: [{ pointer, code: 'start', detail }],
    });
}
/**
 * The position after which delivery goes on.
 *
 * Errors: `Invalid` `position.beyond-head`: the next event to come is the last that may be asked for.
 */
function positionBefore(start, head) {
    if (start === 'beginning')
        return 0;
    if (start === 'now')
        return head;
    if (start.position > head + 1)
        throw new contracts_1.Invalid('position.beyond-head', `the dataset ends at position ${head}`);
    return start.position - 1;
}
/** Up to where everything is done with: what is held is not, although the cursor is behind it. */
const donePosition = ({ ackedPosition, heldFrom }) => heldFrom === null ? ackedPosition : Math.min(ackedPosition, heldFrom - 1);
exports.donePosition = donePosition;
/**
 * What moving to another place changes. Going back leaves what was disclosed as it is, so that its cursors stay good,
 * and makes what is sent again other messages; what is skipped counts as done with, and nothing behind it can be
 * acknowledged before it was disclosed.
 */
function seek(subscription, after) {
    return {
        ackedPosition: after,
        disclosedPosition: Math.max(subscription.disclosedPosition, after),
        replays: subscription.replays + (after < subscription.ackedPosition ? 1 : 0),
        ...freshStart(subscription),
    };
}
/**
 * What passing over everything up to `through` changes.
 *
 * Errors: `Invalid` `position.not-ahead` when that is done with already.
 */
function skip(subscription, through) {
    if (through <= (0, exports.donePosition)(subscription))
        throw new contracts_1.Invalid('position.not-ahead', 'everything up to there is done with already');
    const ackedPosition = Math.max(subscription.ackedPosition, through);
    const disclosedPosition = Math.max(subscription.disclosedPosition, through);
    return { ackedPosition, disclosedPosition, ...freshStart(subscription) };
}
const freshStart = ({ version }) => {
    const nothing = { pageThrough: null, pageAttempts: 0, failures: 0, lastError: null, nextAttemptAt: null };
    return { ...nothing, version: version + 1 };
};
//# sourceMappingURL=start.rules.js.map