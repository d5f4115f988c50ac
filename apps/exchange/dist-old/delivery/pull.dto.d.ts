import type { DeliveredEvent } from '@govbus/contracts';
export declare class PullQuery {
    limit: number;
    cursor?: string;
    /** Seconds to wait for the dataset to grow while there is nothing to answer. */
    wait: number;
}
export declare class PullResponse {
    disclosureId?: string;
    events: readonly DeliveredEvent[];
    nextCursor: string;
    hasMore: boolean;
}
//# sourceMappingURL=pull.dto.d.ts.map