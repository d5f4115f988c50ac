import type { EntityManager } from 'typeorm';
import type { Usage } from './limits.rules';
/** What was used so far. Reads only: others may use more meanwhile. */
export declare function readUsage(agreementId: string, tx: EntityManager): Promise<Usage>;
/** What was used so far, held until `tx` ends: nobody else of any process uses anything meanwhile. */
export declare function lockUsage(agreementId: string, tx: EntityManager): Promise<Usage>;
export declare function addUsage(agreementId: string, used: {
    accesses: number;
    records: number;
}, tx: EntityManager): Promise<void>;
//# sourceMappingURL=usage.sql.d.ts.map