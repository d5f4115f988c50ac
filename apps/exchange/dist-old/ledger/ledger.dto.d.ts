import { type DeliveryMode } from '@govbus/contracts';
export declare class EventStatusQuery {
    source: string;
    id: string;
}
declare const eventStatuses: readonly ['accepted', 'stored', 'conflict', 'unknown'];
/** A disclosure whose positions cover an event. */
export declare class EventDelivery {
    disclosureId: string;
    disclosedAt: string;
    consumerDepartment: string;
    agreementId: string;
    agreementVersion: number;
    subscriptionId?: string;
    purpose?: string;
    mode?: DeliveryMode;
    record: 'included' | 'possible';
    isDone?: boolean;
}
export declare class EventStatusResponse {
    status: (typeof eventStatuses)[number];
    datasetId?: string;
    position?: number;
    recordedAt?: string;
    deliveries?: EventDelivery[];
    isComplete?: boolean;
}
export declare class LedgerResponse {
    datasetId: string;
    firstPosition: number;
    lastPosition: number;
    events: number;
    records: number;
    conflicts: number;
}
export {};
//# sourceMappingURL=ledger.dto.d.ts.map