import { Changes } from '@govbus/platform';
import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
type Subject = {
    subscriptionId: string;
    datasetId: string;
    agreementId: string;
};
/** One request that waits. What happens between two calls of `next` is not lost: the second answers at once. */
export declare class Waiter {
    readonly about: Subject;
    private readonly forget;
    private isWoken;
    private isClosed;
    private resolve;
    constructor(about: Subject, forget: (waiter: Waiter) => void);
    /** Whether the client has gone or the process ends: nothing more is to be waited for. */
    get isOver(): boolean;
    /** Resolves when there may be something to see (true), when it is over, or after `timeoutMs`. */
    next(timeoutMs: number): Promise<boolean>;
    wake(): void;
    /** Ends the waiting; safe to repeat. */
    close(): void;
}
/**
 * The requests of this process that wait for their dataset to grow: one listener, which wakes those it is about. A
 * change of an agreement wakes those under it, so that they are decided anew at once (P5).
 */
export declare class Waiters implements OnApplicationBootstrap, BeforeApplicationShutdown {
    private readonly changes;
    private readonly waiting;
    private readonly byDataset;
    private isStopping;
    constructor(changes: Changes);
    onApplicationBootstrap(): Promise<void>;
    beforeApplicationShutdown(): void;
    get size(): number;
    /**
     * A waiter for one request; whoever takes it closes it.
     *
     * Errors: `Unavailable` `delivery.busy` when too many wait here already.
     */
    open(about: Subject): Waiter;
    private forget;
}
export {};
//# sourceMappingURL=waiters.d.ts.map