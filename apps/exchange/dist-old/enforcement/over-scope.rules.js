"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.isAskedFor = exports.isAlarming = void 0;
exports.beyondOf = beyondOf;
const contracts_1 = require("@govbus/contracts");
const kinds = {
    'agreement.purpose': 'purpose',
    'agreement.case-required': 'case',
    'agreement.delivery-mode': 'delivery-mode',
    'agreement.not-started': 'period',
    'agreement.expired': 'period',
    'agreement.rate': 'rate',
    'agreement.volume': 'volume',
};
/**
 * How an error says that an agreement was exceeded; undefined for every other one. A stranger's attempt and what comes
 * too late after a revocation are refused without an alarm: there is no agreement in force to be exceeded.
 */
function beyondOf(error) {
    if (!(error instanceof contracts_1.DomainError))
        return undefined;
    const { code, limit } = error.details.explanation ?? {};
    const kind = typeof code === 'string' ? kinds[code] : undefined;
    if (kind === undefined || typeof code !== 'string')
        return undefined;
    return { kind, code, reason: error.message, limit: typeof limit === 'number' ? limit : undefined };
}
/** Whether the refusal is worth an alarm. A stream or an export whose limits are used up exceeds nothing: it waits. */
const isAlarming = ({ limit }, mode) => limit === undefined || (0, exports.isAskedFor)(mode);
exports.isAlarming = isAlarming;
/** Whether a consumer asks for each page itself. What the bus sends by itself exceeds nothing: it waits. */
const isAskedFor = (mode) => mode === 'pull' || mode === 'query';
exports.isAskedFor = isAskedFor;
//# sourceMappingURL=over-scope.rules.js.map