import { type Caller, PageQuery } from '@govbus/platform';
import { RecipientPage } from './recipients.dto';
import { RecipientsService } from './recipients.service';
export declare class RecipientsController {
    private readonly recipients;
    constructor(recipients: RecipientsService);
    list(datasetId: string, query: PageQuery, caller: Caller): Promise<RecipientPage>;
}
//# sourceMappingURL=recipients.controller.d.ts.map