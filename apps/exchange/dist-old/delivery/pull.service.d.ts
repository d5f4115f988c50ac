import type { Caller } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { Subscription } from '../subscriptions/subscription.entity';
import { type Disclosed, Disclosures } from './disclosure';
import { Keys } from './keys';
import type { PullQuery, PullResponse } from './pull.dto';
import { ReceiveDecisions } from './receive-decisions';
import { Waiters } from './waiters';
type Bounds = {
    limit: number;
    maxBytes?: number;
};
/** Pages for consumers that come and ask. */
export declare class PullService {
    private readonly db;
    private readonly disclosures;
    private readonly decisions;
    private readonly keys;
    private readonly waiters;
    constructor(db: DataSource, disclosures: Disclosures, decisions: ReceiveDecisions, keys: Keys, waiters: Waiters);
    /**
     * One page; with `wait`, the first that holds something, or an empty one when the time is over.
     *
     * `onGone` is handed what to call when the client has gone away.
     */
    pull(subscriptionId: string, query: PullQuery, caller: Caller, onGone: (callback: () => void) => void): Promise<PullResponse>;
    /**
     * The subscription as it is now.
     *
     * Errors: `NotFound` `subscription.unknown`, `Conflict` `subscription.not-pulled`, `subscription.not-streamed`,
     *   `subscription.paused`. One that its agreement stopped is refused by the decision, which also explains why.
     */
    find(subscriptionId: string, caller: Caller, mode?: 'pull' | 'sse'): Promise<Subscription>;
    /** One page, decided at this moment. */
    page(subscription: Subscription, caller: Caller, after: number, bounds: Bounds): Promise<Disclosed>;
    private firstPage;
    private answer;
}
export {};
//# sourceMappingURL=pull.service.d.ts.map