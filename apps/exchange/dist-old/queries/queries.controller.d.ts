import { type Caller } from '@govbus/platform';
import { QueryResponse, RunQueryRequest } from './queries.dto';
import { QueriesService } from './queries.service';
export declare class QueriesController {
    private readonly queries;
    constructor(queries: QueriesService);
    run(request: RunQueryRequest, caller: Caller): Promise<QueryResponse>;
}
//# sourceMappingURL=queries.controller.d.ts.map