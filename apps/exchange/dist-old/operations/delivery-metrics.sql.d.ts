import type { DataSource } from 'typeorm';
export type Lag = {
    subscriptionId: string;
    mode: string;
    behind: number;
};
/** Active subscriptions that are behind, the furthest first. */
export declare function lagsOf(limit: number, db: DataSource): Promise<Lag[]>;
export declare function subscriptionsBy(db: DataSource): Promise<{
    mode: string;
    status: string;
    count: number;
}[]>;
export declare function deadLettersOf(db: DataSource): Promise<number>;
/** Seconds since each registry's copy was known to be whole; empty when it never was. */
export declare function registryAges(db: DataSource): Promise<{
    topic: string;
    seconds: number;
}[]>;
//# sourceMappingURL=delivery-metrics.sql.d.ts.map