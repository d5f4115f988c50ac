import { Audit, type Caller, Clock, type PageQuery } from '@govbus/platform';
import { DataSource } from 'typeorm';
import type { RedriveResponse } from './dead-letters.dto';
import * as sql from './dead-letters.sql';
import { WebhookPages } from './webhook-pages';
import { WebhookWorker } from './webhook.worker';
/** The pages that webhooks' receivers did not take. */
export declare class DeadLettersService {
    private readonly db;
    private readonly pages;
    private readonly worker;
    private readonly audit;
    private readonly clock;
    constructor(db: DataSource, pages: WebhookPages, worker: WebhookWorker, audit: Audit, clock: Clock);
    list(subscriptionId: string, query: PageQuery, caller: Caller): Promise<sql.DeadLetter[]>;
    /**
     * Delivers the positions of one page anew, through the lens and under the decision of this moment.
     *
     * Errors: `NotFound` `dead-letter.unknown`; `Conflict` `subscription.not-active`, `dead-letter.busy` while another
     *   redrives it; `Forbidden` `decision.denied` as for each page.
     */
    redrive(subscriptionId: string, deadLetterId: string, caller: Caller): Promise<RedriveResponse>;
    private deliver;
    private find;
    private record;
}
//# sourceMappingURL=dead-letters.service.d.ts.map