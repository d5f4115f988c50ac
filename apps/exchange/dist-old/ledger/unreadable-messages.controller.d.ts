import { type Caller, PageQuery } from '@govbus/platform';
import { UnreadableMessages } from './unreadable-messages';
import { DiscardOrder, ReplayAllResponse, UnreadableMessagePage } from './unreadable-messages.dto';
/** Messages of `bus.events` that the ledger could not take. */
export declare class UnreadableMessagesController {
    private readonly messages;
    constructor(messages: UnreadableMessages);
    list({ cursor, limit }: PageQuery): Promise<UnreadableMessagePage>;
    replayAll(caller: Caller): Promise<ReplayAllResponse>;
    replay(id: string, caller: Caller): Promise<void>;
    discard(id: string, { reason }: DiscardOrder, caller: Caller): Promise<void>;
}
//# sourceMappingURL=unreadable-messages.controller.d.ts.map