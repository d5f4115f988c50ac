"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.periodOfBatch = exports.periodAt = void 0;
exports.periodAfter = periodAfter;
/** The month of a time, its first day as `YYYY-MM-DD` (UTC). */
const periodAt = (time) => `${time.toISOString().slice(0, 7)}-01`;
exports.periodAt = periodAt;
/** The month behind a period. */
function periodAfter(period) {
    const [year = 0, month = 0] = period.split('-').map(Number);
    return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`;
}
/**
 * The period of a batch: this month, or the newest that one of its datasets has reached, should the clock have gone back.
 *
 * INVARIANT: the periods of a dataset rise with its positions, so that a range of positions lies in few partitions.
 */
const periodOfBatch = (current, reached) => [...reached].reduce((newest, period) => (period !== null && period > newest ? period : newest), current);
exports.periodOfBatch = periodOfBatch;
//# sourceMappingURL=ledger-periods.rules.js.map