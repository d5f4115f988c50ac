import type { EntityManager } from 'typeorm';
import { type Conditions } from './conditions.sql';
import type { Subscription } from './subscription.entity';
/** A subscription with the head of its dataset and what keeps its deliveries back. */
export type View = {
    subscription: Subscription;
    head: number;
    conditions: Conditions;
};
/** Views of several subscriptions, in their order. */
export declare function viewsOf(subscriptions: Subscription[], tx: EntityManager): Promise<View[]>;
export declare function viewOf(subscription: Subscription, tx: EntityManager): Promise<View>;
//# sourceMappingURL=subscription-views.d.ts.map