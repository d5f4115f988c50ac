import { type DeliveredEvent } from '@govbus/contracts';
export declare class RunQueryRequest {
    agreementId: string;
    purpose: string;
    /** The case that the query is for, as the consumer names it: a reference, never a name. */
    caseReference?: string;
    /** The key of one record; the agreement must show the key as it is. */
    key?: string;
    /** Granted fields (JSON pointers) and the values they must have, as the agreement shows them. */
    where?: unknown;
    limit: number;
    /** `nextCursor` of the page before, with the same agreement and question. */
    cursor?: string;
}
export declare class QueryResponse {
    disclosureId?: string;
    events: readonly DeliveredEvent[];
    nextCursor?: string;
    hasMore: boolean;
}
//# sourceMappingURL=queries.dto.d.ts.map