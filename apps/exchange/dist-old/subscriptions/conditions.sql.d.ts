import type { EntityManager } from 'typeorm';
/** What keeps deliveries of a subscription back beside its own failures, at this moment. */
export type Conditions = {
    /** Half-open: the time is over and one attempt will tell. */
    circuit: 'closed' | 'open' | 'half-open';
    circuitUntil: Date | null;
    /** The planned outage of the consumer that is running. */
    outage: {
        from: Date;
        until: Date;
        reason: string;
    } | null;
};
/** The conditions of several subscriptions; those that are not there are missing. */
export declare function conditionsOf(subscriptionIds: string[], tx: EntityManager): Promise<Map<string, Conditions>>;
/** What a subscription has that none of this is true of. */
export declare const noConditions: Conditions;
//# sourceMappingURL=conditions.sql.d.ts.map