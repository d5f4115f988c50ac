import type { EntityManager } from 'typeorm';
/** A page that Kafka took: from behind `after` to `through`, with the events at `positions`. */
export type Shared = {
    owner: string;
    subscriptionId: string;
    after: number;
    through: number;
    positions: number[];
};
/** Whether delivery goes on behind the page: not when the lease was lost, or the subscription moved, meanwhile. */
export declare function confirmShared(shared: Shared, tx: EntityManager): Promise<boolean>;
export type Unshared = {
    owner: string;
    subscriptionId: string;
    after: number;
    failures: number;
    error: string;
    until: Date;
};
/** What is behind `after` is tried again later, unless the lease was lost or the subscription moved meanwhile. */
export declare function postponeShared(unshared: Unshared, tx: EntityManager): Promise<void>;
//# sourceMappingURL=share.sql.d.ts.map