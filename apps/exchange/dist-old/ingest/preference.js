"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.strictApplied = exports.isAtomic = void 0;
exports.asksAtomic = asksAtomic;
const contracts_1 = require("@govbus/contracts");
const strict = /(?:^|,)\s*handling\s*=\s*"?strict"?\s*(?:[;,]|$)/i;
/** Whether `?atomic=true` is there. Errors: `Invalid` `request.invalid` when it is neither `true` nor `false`. */
function asksAtomic({ query }) {
    const { atomic } = query;
    if (atomic !== undefined && atomic !== 'true' && atomic !== 'false')
        throw new contracts_1.Invalid('request.invalid', '`atomic` must be `true` or `false`');
    return atomic === 'true';
}
/**
 * Whether all or nothing of the request is to be accepted: `?atomic=true`, or `Prefer: handling=strict`.
 *
 * Errors: those of `asksAtomic`.
 * Source: RFC 7240, section 4.4.
 */
const isAtomic = (request) => asksAtomic(request) || strict.test(String(request.headers.prefer ?? ''));
exports.isAtomic = isAtomic;
/** The header that says that the preference was heeded. */
const strictApplied = ({ headers }) => strict.test(String(headers.prefer ?? '')) ? { 'preference-applied': 'handling=strict' } : {};
exports.strictApplied = strictApplied;
//# sourceMappingURL=preference.js.map