import type { EntityManager } from 'typeorm';
/** A planned outage of a consumer: nothing is sent to it meanwhile. */
export type Outage = {
    outageId: string;
    /** null: of all subscriptions of the department. */
    subscriptionId: string | null;
    from: Date;
    until: Date;
    reason: string;
};
/** Those of a department that are not over, the next first. */
export declare function listOutages(department: string, limit: number, tx: EntityManager): Promise<Outage[]>;
/** Keeps an outage, and lets go of those of the department that are over. */
export declare function insertOutage(department: string, announcedBy: string, now: Date, { outageId, subscriptionId, from, until, reason }: Outage, tx: EntityManager): Promise<void>;
export declare function removeOutage(department: string, outageId: string, tx: EntityManager): Promise<boolean>;
//# sourceMappingURL=outages.sql.d.ts.map