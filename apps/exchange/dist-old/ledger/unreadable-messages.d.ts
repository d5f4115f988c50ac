import { Audit, type Caller } from '@govbus/platform';
import { DataSource } from 'typeorm';
import { LedgerWriter } from './ledger-writer';
import type { ReplayAllResponse, UnreadableMessageResponse } from './unreadable-messages.dto';
/** The messages that the ledger set aside: where they stood and why, their replay and their end. Never their content. */
export declare class UnreadableMessages {
    private readonly db;
    private readonly writer;
    private readonly audit;
    constructor(db: DataSource, writer: LedgerWriter, audit: Audit);
    /** In the order of topic, partition and offset; one more than `limit` when there are more. */
    list(cursor: string | undefined, limit: number): Promise<UnreadableMessageResponse[]>;
    /**
     * Errors: `NotFound` `unreadable-message.unknown`; `Conflict` `unreadable-message.unreadable` when the ledger still does
     *   not take it, which stays parked then.
     */
    replay(id: string, caller: Caller): Promise<void>;
    /** Each on its own, so that one that fails holds up no other. */
    replayAll(caller: Caller): Promise<ReplayAllResponse>;
    /** Errors: `NotFound` `unreadable-message.unknown`. */
    discard(id: string, reason: string, caller: Caller): Promise<void>;
    private take;
    private record;
}
//# sourceMappingURL=unreadable-messages.d.ts.map