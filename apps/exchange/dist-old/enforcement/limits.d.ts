import type { EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
type Use = {
    subscriptionId?: string;
    purpose: string;
    isContinued?: boolean;
};
/**
 * How much is used under an agreement, by all processes together. Agreements without limits cost nothing here.
 *
 * What was used is written at the end of the disclosure, so that readers of one agreement wait for each other's commit
 * and not for each other's reading.
 */
export declare class Limits {
    /**
     * Most records that an access may have now; undefined when they are not limited.
     *
     * Errors: `Limited` `agreement.limit-reached`.
     */
    left(agreement: AgreementCopy, use: Use, tx: EntityManager): Promise<number | undefined>;
    /**
     * Counts an access; how many of its records it may have, which is fewer than wanted when others used them meanwhile.
     *
     * Errors: `Limited` `agreement.limit-reached`.
     */
    take(agreement: AgreementCopy, use: Use, records: number, tx: EntityManager): Promise<number>;
}
export {};
//# sourceMappingURL=limits.d.ts.map