"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.checkWindow = checkWindow;
const contracts_1 = require("@govbus/contracts");
const maxDays = 31;
const dayMs = 86_400_000;
/**
 * Whether an outage may be announced at `now`.
 *
 * Errors: `Invalid` `outage.window` unless it ends after it begins, ends in the future and lasts 31 days at most.
 */
function checkWindow({ from, until }, now) {
    if (until <= from)
        throw new contracts_1.Invalid('outage.window', 'the outage must end after it begins');
    if (until <= now)
        throw new contracts_1.Invalid('outage.window', 'the outage is over already');
    if (until.getTime() - from.getTime() > maxDays * dayMs)
        throw new contracts_1.Invalid('outage.window', `an outage lasts ${maxDays} days at most; a subscription can be paused`);
}
//# sourceMappingURL=outages.rules.js.map