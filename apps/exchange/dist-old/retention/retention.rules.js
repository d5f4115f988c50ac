"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.cutoffOf = exports.idDays = void 0;
exports.isPast = isPast;
const dayMs = 24 * 60 * 60 * 1000;
/**
 * Days for which the id of an event is known at least, from when it was recorded: longer than `bus.events` keeps its
 * messages (7 days in `deploy/topics.yaml`), so that what Kafka still holds is never stored a second time.
 */
exports.idDays = 30;
/** What was recorded before this time may be removed. */
const cutoffOf = (retentionDays, now) => new Date(now.getTime() - retentionDays * dayMs);
exports.cutoffOf = cutoffOf;
/** Whether everything that a dataset stored before `end` (the first day behind a period, UTC) may be removed. */
function isPast({ retentionDays, legalHold }, end, now) {
    return !legalHold && retentionDays !== null && new Date(`${end}T00:00:00Z`) <= (0, exports.cutoffOf)(retentionDays, now);
}
//# sourceMappingURL=retention.rules.js.map