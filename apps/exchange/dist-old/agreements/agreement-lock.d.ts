import type { EntityManager } from 'typeorm';
import { AgreementCopy } from './agreement.entity';
/**
 * The agreement as it stands, held until `tx` ends: a change of it waits for `tx`, or `tx` sees the change (P5).
 *
 * An advisory lock and no row lock: PostgreSQL lets new readers of a row pass a writer that waits, so that a busy
 * agreement could never be revoked; advisory locks are given in the order they were asked for.
 */
export declare function holdAgreement(agreementId: string, tx: EntityManager): Promise<AgreementCopy | null>;
/** Waits for everyone who holds the agreement; nobody holds it anew until `tx` ends. */
export declare function closeAgreement(agreementId: string, tx: EntityManager): Promise<void>;
//# sourceMappingURL=agreement-lock.d.ts.map