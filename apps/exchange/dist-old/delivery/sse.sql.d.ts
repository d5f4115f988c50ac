import type { EntityManager } from 'typeorm';
/** Everything up to `position` is done with; never backwards. */
export declare function acknowledgeThrough(subscriptionId: string, position: number, tx: EntityManager): Promise<void>;
//# sourceMappingURL=sse.sql.d.ts.map