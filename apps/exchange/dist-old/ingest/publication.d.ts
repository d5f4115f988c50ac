import { Producer } from '@govbus/messaging';
import { type Caller } from '@govbus/platform';
import { Acceptance } from './acceptance';
import { type Outcome } from './outcome';
import { RecentAcceptances } from './recent-acceptances';
import { Refusals } from './refusals';
/** The two steps of publishing that all modes share: decide on an event, and settle what was decided. */
export declare class Publication {
    private readonly acceptance;
    private readonly producer;
    private readonly refusals;
    private readonly recent;
    constructor(acceptance: Acceptance, producer: Producer, refusals: Refusals, recent: RecentAcceptances);
    /** What becomes of one parsed event. Errors: a fault of ours is no refusal of the event, and is thrown. */
    outcomeOf(value: unknown, index: number, caller: Caller): Promise<Outcome>;
    /** Commits the refusals among the outcomes to the audit log. Errors: `Unavailable` `audit.busy`. */
    record(outcomes: Outcome[], caller: Caller, traceId: string): Promise<void>;
    /** Resolves when all accepted events among the outcomes are acknowledged. Errors: those of `Producer.sendAll`. */
    send(outcomes: Outcome[]): Promise<void>;
}
//# sourceMappingURL=publication.d.ts.map