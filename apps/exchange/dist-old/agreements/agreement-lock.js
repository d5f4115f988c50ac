"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.holdAgreement = holdAgreement;
exports.closeAgreement = closeAgreement;
const agreement_entity_1 = require("./agreement.entity");
const lock = (mode) => `SELECT pg_advisory_xact_lock${mode}(hashtextextended('agreement:' || $1, 0))`;
/**
 * The agreement as it stands, held until `tx` ends: a change of it waits for `tx`, or `tx` sees the change (P5).
 *
 * An advisory lock and no row lock: PostgreSQL lets new readers of a row pass a writer that waits, so that a busy
 * agreement could never be revoked; advisory locks are given in the order they were asked for.
 */
async function holdAgreement(agreementId, tx) {
    await tx.query(lock('_shared'), [agreementId]);
    return tx.findOneBy(agreement_entity_1.AgreementCopy, { agreementId });
}
/** Waits for everyone who holds the agreement; nobody holds it anew until `tx` ends. */
async function closeAgreement(agreementId, tx) {
    await tx.query(lock(''), [agreementId]);
}
//# sourceMappingURL=agreement-lock.js.map