import type { DeliveryMode } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
/** A subscription that this process delivers until the lease ends. */
export type Leased = {
    subscriptionId: string;
    agreementId: string;
};
/** Milliseconds a lease lasts: longer than one attempt, renewed with each page. */
export declare const leaseMs = 30000;
/** Events held behind the cursor of one subscription after which it gets no new page until some are done with. */
export declare const maxHeld = 1000;
/** Whether subscription `s` of the statement around it is in a planned outage of its consumer. */
export declare const isOut = "EXISTS (\n  SELECT 1 FROM planned_outages o\n   WHERE o.consumer_department = s.consumer_department\n     AND (o.subscription_id IS NULL OR o.subscription_id = s.subscription_id)\n     AND o.starts_at <= clock_timestamp() AND o.ends_at > clock_timestamp())";
/**
 * Leases subscriptions of one mode that have something to deliver and are due; other processes skip them. Nothing is due
 * in a planned outage of the consumer, nor while the circuit of the webhook's endpoint is open or another probes it.
 */
export declare function lease(mode: DeliveryMode, owner: string, now: Date, limit: number, tx: EntityManager): Promise<Leased[]>;
/** Whether this process still holds the lease, made longer, and may go on: not when a planned outage has begun. */
export declare function renew(owner: string, subscriptionId: string, now: Date, tx: EntityManager): Promise<boolean>;
export declare function release(owner: string, subscriptionId: string, tx: EntityManager): Promise<void>;
//# sourceMappingURL=lease.sql.d.ts.map