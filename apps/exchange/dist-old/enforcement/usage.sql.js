"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readUsage = readUsage;
exports.lockUsage = lockUsage;
exports.addUsage = addUsage;
// The database's clock alone, so that all processes mean the same minute and day.
const minute = `date_trunc('minute', clock_timestamp())`;
const day = `(clock_timestamp() AT TIME ZONE 'UTC')::date`;
const ends = `
  ceil(extract(epoch FROM minute_start + interval '1 minute' - clock_timestamp()))::integer AS "minuteEndsIn",
  ceil(extract(epoch FROM (day + 1)::timestamp AT TIME ZONE 'UTC' - clock_timestamp()))::integer AS "dayEndsIn"`;
const usageOf = ({ accesses, records, minuteEndsIn, dayEndsIn }) => {
    return { accesses, records: Number(records), minuteEndsIn, dayEndsIn };
};
/** What was used so far. Reads only: others may use more meanwhile. */
async function readUsage(agreementId, tx) {
    const rows = await tx.query(`SELECT accesses, records, ${ends} FROM (
       SELECT greatest(u.minute_start, now.minute_start) AS minute_start, greatest(u.day, now.day) AS day,
              CASE WHEN u.minute_start >= now.minute_start THEN u.accesses ELSE 0 END AS accesses,
              CASE WHEN u.day >= now.day THEN u.records ELSE 0 END AS records
         FROM (SELECT ${minute} AS minute_start, ${day} AS day) now
         LEFT JOIN agreement_usage u ON u.agreement_id = $1) usage`, [agreementId]);
    return rows.map(usageOf)[0] ?? { accesses: 0, records: 0, minuteEndsIn: 60, dayEndsIn: 86_400 };
}
/** What was used so far, held until `tx` ends: nobody else of any process uses anything meanwhile. */
async function lockUsage(agreementId, tx) {
    const rows = await tx.query(`INSERT INTO agreement_usage AS u (agreement_id, minute_start, accesses, day, records)
     VALUES ($1, ${minute}, 0, ${day}, 0)
     ON CONFLICT (agreement_id) DO UPDATE
        SET minute_start = greatest(u.minute_start, excluded.minute_start),
            accesses = CASE WHEN u.minute_start >= excluded.minute_start THEN u.accesses ELSE 0 END,
            day = greatest(u.day, excluded.day),
            records = CASE WHEN u.day >= excluded.day THEN u.records ELSE 0 END
     RETURNING accesses, records, ${ends}`, [agreementId]);
    return rows.map(usageOf)[0] ?? { accesses: 0, records: 0, minuteEndsIn: 60, dayEndsIn: 86_400 };
}
async function addUsage(agreementId, used, tx) {
    await tx.query('UPDATE agreement_usage SET accesses = accesses + $2, records = records + $3 WHERE agreement_id = $1', [agreementId, used.accesses, used.records]);
}
//# sourceMappingURL=usage.sql.js.map