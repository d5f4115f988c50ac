"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.linkOf = void 0;
exports.accessOf = accessOf;
exports.rangeOf = rangeOf;
const contracts_1 = require("@govbus/contracts");
/** An export as an access; its pages and its file go on with what was allowed to begin. */
function accessOf(job, receiver) {
    const { exportId, agreementId, purpose, caseReference } = job;
    const operation = 'exports:run';
    return {
        agreementId,
        purpose,
        mode: 'file',
        receiver,
        operation,
        caseReference: caseReference ?? undefined,
        exportId,
    };
}
/**
 * The positions that an export is about; all there are unless it says which.
 *
 * Errors: `Invalid` `export.range` when none lie between, or for the latest records, which have no range;
 *   `position.beyond-head`.
 */
function rangeOf({ of, from, to }, head) {
    const isBounded = (from ?? to) !== undefined && (from ?? to) !== null;
    if (of === 'latest' && isBounded)
        throw new contracts_1.Invalid('export.range', '`from` and `to` belong to an export of events, and only to it');
    const range = { from: from ?? 1, to: to ?? head };
    if (isBounded && range.from > range.to)
        throw new contracts_1.Invalid('export.range', '`from` must not lie behind `to`');
    if (range.to > head)
        throw new contracts_1.Invalid('position.beyond-head', `the dataset ends at position ${head}`);
    return range;
}
/** What the signature of a link covers. */
const linkOf = (exportId, expires) => `export|${exportId}|${expires}`;
exports.linkOf = linkOf;
//# sourceMappingURL=export.rules.js.map