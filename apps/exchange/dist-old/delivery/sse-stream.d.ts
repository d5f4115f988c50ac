import { type Caller, type TokenVerifier } from '@govbus/platform';
import type { DataSource } from 'typeorm';
import type { Subscription } from '../subscriptions/subscription.entity';
import type { Disclosed } from './disclosure';
import type { Keys } from './keys';
import type { PullService } from './pull.service';
import type { ReceiveDecisions } from './receive-decisions';
import type { SseConnection } from './sse-connection';
import type { Waiter } from './waiters';
/** After how many milliseconds a client comes back when its stream ends. */
export declare const retryMs = 2000;
type Parts = {
    db: DataSource;
    pulls: PullService;
    tokens: TokenVerifier;
    decisions: ReceiveDecisions;
    keys: Keys;
};
type Opened = {
    subscription: Subscription;
    caller: Caller;
    authorization: string | undefined;
    waiter: Waiter;
};
/** One stream: page after page, each decided, disclosed and then written; between them it waits. */
export declare class SseStream {
    private readonly parts;
    readonly opened: Opened;
    /** Everything up to here is with the client. */
    private after;
    private agreement;
    private cutting;
    constructor(parts: Parts, opened: Opened, 
    /** Everything up to here is with the client. */
    after: number);
    /** Breaks the page off that is being written: it is decided anew. */
    cut(): void;
    /** The first page, so that a refusal is still an answer. Errors: those of `PullService.find` and `page`. */
    first(): Promise<Disclosed>;
    /** Ends when the client has gone or the process stops. Errors: whatever ends the right to the stream. */
    run(first: Disclosed, connection: SseConnection): Promise<void>;
    private page;
    private nextPage;
    private send;
    private wait;
    private stands;
    private idOf;
}
export {};
//# sourceMappingURL=sse-stream.d.ts.map