"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.denialOf = denialOf;
const contracts_1 = require("@govbus/contracts");
const unknown = {
    code: 'agreement.unknown',
    needed: 'an agreement in force',
    detail: 'the department has no agreement with this id',
};
/**
 * The refusal of a use under an agreement, explained to whom the agreement is for. To all others an agreement looks like
 * one that is not there; the audit entry names it.
 */
function denialOf(agreement, receiver, denial, about) {
    const isOwn = agreement?.consumerDepartment === receiver.department;
    const explanation = isOwn && denial ? denial.explanation : unknown;
    return new contracts_1.Forbidden('decision.denied', explanation.detail, { explanation: { ...explanation }, about });
}
//# sourceMappingURL=denial.rules.js.map