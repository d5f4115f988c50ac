import type { Outage } from './outages.sql';
export declare class AnnounceOutageRequest {
    /** Without it, of all subscriptions of the department. */
    subscriptionId?: string;
    /** With its offset from UTC. */
    from: string;
    until: string;
    reason: string;
}
export declare class OutageResponse {
    outageId: string;
    subscriptionId?: string;
    from: string;
    until: string;
    reason: string;
    static from({ outageId, subscriptionId, from, until, reason }: Outage): OutageResponse;
}
export declare class OutageList {
    items: OutageResponse[];
}
//# sourceMappingURL=outages.dto.d.ts.map