"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.Limits = void 0;
const common_1 = require("@nestjs/common");
const limits_rules_1 = require("./limits.rules");
const usage_sql_1 = require("./usage.sql");
/**
 * How much is used under an agreement, by all processes together. Agreements without limits cost nothing here.
 *
 * What was used is written at the end of the disclosure, so that readers of one agreement wait for each other's commit
 * and not for each other's reading.
 */
let Limits = class Limits {
    /**
     * Most records that an access may have now; undefined when they are not limited.
     *
     * Errors: `Limited` `agreement.limit-reached`.
     */
    async left(agreement, use, tx) {
        const { agreementId, datasetId, terms } = agreement;
        if (!terms.limits)
            return undefined;
        const { subscriptionId, purpose, isContinued } = use;
        const usage = await (0, usage_sql_1.readUsage)(agreementId, tx);
        const about = { agreementId, datasetId, subscriptionId, purpose };
        (0, limits_rules_1.grant)(terms.limits, usage, { accesses: isContinued ? 0 : 1, records: 1 }, about);
        return (0, limits_rules_1.recordsLeft)(terms.limits, usage);
    }
    /**
     * Counts an access; how many of its records it may have, which is fewer than wanted when others used them meanwhile.
     *
     * Errors: `Limited` `agreement.limit-reached`.
     */
    async take(agreement, use, records, tx) {
        const { agreementId, datasetId, terms } = agreement;
        if (!terms.limits)
            return records;
        const { subscriptionId, purpose, isContinued } = use;
        const about = { agreementId, datasetId, subscriptionId, purpose };
        const wanted = { accesses: isContinued ? 0 : 1, records };
        const granted = (0, limits_rules_1.grant)(terms.limits, await (0, usage_sql_1.lockUsage)(agreementId, tx), wanted, about);
        await (0, usage_sql_1.addUsage)(agreementId, { accesses: wanted.accesses, records: granted }, tx);
        return granted;
    }
};
exports.Limits = Limits;
exports.Limits = Limits = __decorate([
    (0, common_1.Injectable)()
], Limits);
//# sourceMappingURL=limits.js.map