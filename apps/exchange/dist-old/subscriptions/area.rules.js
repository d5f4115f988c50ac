"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.requireArea = requireArea;
const contracts_1 = require("@govbus/contracts");
const policy_1 = require("@govbus/policy");
/** Errors: `Conflict` `agreement.no-area` when the terms name no area, `agreement.other-area` when it is not in theirs. */
function requireArea(areaCode, { area }) {
    // No other field may be asked: what the agreement does not show must not be found out by narrowing.
    if (!area)
        throw new contracts_1.Conflict('agreement.no-area', 'the agreement is not bound to areas: it cannot be narrowed to one');
    if (!area.codes.some((code) => (0, policy_1.isAreaWithin)(areaCode, code)))
        throw new contracts_1.Conflict('agreement.other-area', 'the area does not lie in the areas of the agreement');
}
//# sourceMappingURL=area.rules.js.map