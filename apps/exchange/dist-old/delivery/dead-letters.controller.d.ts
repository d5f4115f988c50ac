import { type Caller, PageQuery } from '@govbus/platform';
import { DeadLetterPage, RedriveResponse } from './dead-letters.dto';
import { DeadLettersService } from './dead-letters.service';
export declare class DeadLettersController {
    private readonly deadLetters;
    constructor(deadLetters: DeadLettersService);
    list(id: string, query: PageQuery, caller: Caller): Promise<DeadLetterPage>;
    redrive(id: string, deadLetterId: string, caller: Caller): Promise<RedriveResponse>;
}
//# sourceMappingURL=dead-letters.controller.d.ts.map