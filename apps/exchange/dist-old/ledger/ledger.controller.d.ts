import { type Caller } from '@govbus/platform';
import { EventStatusQuery, EventStatusResponse, LedgerResponse } from './ledger.dto';
import { LedgerService } from './ledger.service';
export declare class LedgerController {
    private readonly ledger;
    constructor(ledger: LedgerService);
    status(query: EventStatusQuery, caller: Caller): Promise<EventStatusResponse>;
    ledgerOf(datasetId: string, caller: Caller): Promise<LedgerResponse>;
}
//# sourceMappingURL=ledger.controller.d.ts.map