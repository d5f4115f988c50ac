import type { Caller } from '@govbus/platform';
import { Disclosures } from '../delivery/disclosure';
import { Keys } from '../delivery/keys';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import type { QueryResponse, RunQueryRequest } from './queries.dto';
/** The latest records for those who ask: by key, or by what granted fields hold. */
export declare class QueriesService {
    private readonly disclosures;
    private readonly decisions;
    private readonly keys;
    constructor(disclosures: Disclosures, decisions: ReceiveDecisions, keys: Keys);
    /**
     * One page of the answer.
     *
     * Errors: `Forbidden` `decision.denied`; `Invalid` `query.invalid`, `query.field-not-granted`,
     *   `query.key-not-granted`, `cursor.invalid` for a cursor of another question or agreement.
     */
    run(request: RunQueryRequest, caller: Caller): Promise<QueryResponse>;
}
//# sourceMappingURL=queries.service.d.ts.map