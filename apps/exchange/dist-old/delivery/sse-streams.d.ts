import type { ServerResponse } from 'node:http';
import { Audit, type Caller, Changes, type Logger, TokenVerifier } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OverScope } from '../enforcement/over-scope';
import { Keys } from './keys';
import { PullService } from './pull.service';
import { ReceiveDecisions } from './receive-decisions';
import { Waiters } from './waiters';
export type SseRequest = {
    subscriptionId: string;
    caller: Caller;
    authorization: string | undefined;
    /** What the client names as the last that it has. */
    lastEventId: string | undefined;
    traceId: string;
};
/** Writes the stream to an answer that nothing was written to yet; resolves when it has ended, and never rejects. */
export type Run = (response: ServerResponse) => Promise<void>;
/** The streams of this process. */
export declare class SseStreams implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly db;
    private readonly changes;
    private readonly waiters;
    private readonly pulls;
    private readonly tokens;
    private readonly decisions;
    private readonly overScope;
    private readonly keys;
    private readonly audit;
    private readonly logger;
    private readonly running;
    private opening;
    constructor(db: DataSource, changes: Changes, waiters: Waiters, pulls: PullService, tokens: TokenVerifier, decisions: ReceiveDecisions, overScope: OverScope, keys: Keys, audit: Audit, logger: Logger);
    get size(): number;
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): Promise<void>;
    /**
     * Decides whether there is to be a stream, and acknowledges what the client names.
     *
     * Errors: those of `PullService.find` and of a page; `Invalid` `cursor.invalid`; `Unavailable` `delivery.busy`.
     */
    open(request: SseRequest): Promise<Run>;
    private begin;
    private parts;
    private startOf;
    private refuse;
    private useOf;
    private forget;
}
//# sourceMappingURL=sse-streams.d.ts.map