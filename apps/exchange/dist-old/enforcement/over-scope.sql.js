"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.claimAlarm = claimAlarm;
exports.hold = hold;
/** Whether an alarm is due: the first of its kind in a minute, or under a newer version, in whichever process. */
async function claimAlarm({ agreementId, kind, version }, tx) {
    const claimed = await tx.query(
    // The look before it keeps a storm of refusals from queueing for the row; of those that pass it, one writes.
    `INSERT INTO over_scope_alarms AS a (agreement_id, kind, agreement_version, raised_at)
     SELECT $1, $2, $3, clock_timestamp()
      WHERE NOT EXISTS (
        SELECT 1 FROM over_scope_alarms
         WHERE agreement_id = $1 AND kind = $2 AND agreement_version >= $3
           AND raised_at > clock_timestamp() - interval '1 minute')
     ON CONFLICT (agreement_id, kind) DO UPDATE
        SET raised_at = excluded.raised_at, agreement_version = excluded.agreement_version
      WHERE a.raised_at <= excluded.raised_at - interval '1 minute' OR a.agreement_version < excluded.agreement_version
     RETURNING 1`, [agreementId, kind, version]);
    return claimed.length > 0;
}
/** Whether the agreement is held back from now on; nothing happens to a newer version, or to one that does not run. */
async function hold({ agreementId, kind, version }, tx) {
    const held = await tx.query(`WITH held AS (UPDATE agreements SET held_for = $2
                    WHERE agreement_id = $1 AND version = $3 AND status = 'in-force' AND held_for IS NULL RETURNING 1)
     SELECT * FROM held`, [agreementId, kind, version]);
    return held.length > 0;
}
//# sourceMappingURL=over-scope.sql.js.map