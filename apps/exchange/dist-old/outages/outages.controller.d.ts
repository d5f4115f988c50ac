import { type Caller } from '@govbus/platform';
import { AnnounceOutageRequest, OutageList, OutageResponse } from './outages.dto';
import { OutagesService } from './outages.service';
export declare class OutagesController {
    private readonly outages;
    constructor(outages: OutagesService);
    announce(order: AnnounceOutageRequest, caller: Caller): Promise<OutageResponse>;
    list(caller: Caller): Promise<OutageList>;
    withdraw(id: string, caller: Caller): Promise<void>;
}
//# sourceMappingURL=outages.controller.d.ts.map