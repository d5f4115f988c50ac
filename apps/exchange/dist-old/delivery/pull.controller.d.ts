import { type Caller } from '@govbus/platform';
import type { FastifyReply } from 'fastify';
import { PullQuery, PullResponse } from './pull.dto';
import { PullService } from './pull.service';
export declare class PullController {
    private readonly pulls;
    constructor(pulls: PullService);
    pull(id: string, query: PullQuery, caller: Caller, reply: FastifyReply): Promise<PullResponse>;
}
//# sourceMappingURL=pull.controller.d.ts.map