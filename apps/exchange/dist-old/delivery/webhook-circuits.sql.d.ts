import type { EntityManager } from 'typeorm';
/** Where a webhook goes, and for whom: what an address answers to one department says nothing about another's. */
export type Endpoint = {
    subscriptionId: string;
    consumerDepartment: string;
    webhookUrl: string | null;
};
/**
 * Whether an attempt may begin: freely, as the one probe of a half-open circuit, or not at all, because the circuit is
 * open or another probes. `isKnown`: the endpoint has failed since its last success.
 */
export type Entry = {
    pass: 'free' | 'probe' | 'none';
    isKnown: boolean;
};
/** Asks to send to an endpoint; the probe of a half-open circuit is the caller's until its outcome is reported. */
export declare function enter(endpoint: Endpoint, tx: EntityManager): Promise<Entry>;
/** The endpoint answered: its failures are forgotten and its circuit is closed. */
export declare function close({ consumerDepartment, webhookUrl }: Endpoint, tx: EntityManager): Promise<void>;
/** The endpoint failed once more; answers whether its circuit is open now. */
export declare function fail({ consumerDepartment, webhookUrl }: Endpoint, retryAfterMs: number | undefined, tx: EntityManager): Promise<boolean>;
/** Forgets the circuit of an endpoint to which no subscription of the department goes any more. */
export declare function forget({ consumerDepartment, webhookUrl }: Endpoint, tx: EntityManager): Promise<void>;
//# sourceMappingURL=webhook-circuits.sql.d.ts.map