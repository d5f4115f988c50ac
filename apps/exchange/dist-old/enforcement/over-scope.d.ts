import { type DeliveryMode } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import { Audit, Clock } from '@govbus/platform';
import { DataSource } from 'typeorm';
import type { Receiver } from '../delivery/receive-decisions';
/** What was asked for, in whose name. */
export type Use = {
    agreementId: string;
    receiver: Receiver;
    purpose: string;
    mode: DeliveryMode;
    caseReference?: string;
    subscriptionId?: string;
};
/** Raises the alarm when an agreement is exceeded, and stops the agreement where its terms say so. */
export declare class OverScope {
    private readonly db;
    private readonly outbox;
    private readonly audit;
    private readonly clock;
    constructor(db: DataSource, outbox: Outbox, audit: Audit, clock: Clock);
    /**
     * What `work` gives. When it is refused because the use goes beyond the agreement, the alarm is committed before the
     * refusal goes on to the caller: entry of the audit log, event, and hold, all or none of them.
     *
     * Errors: those of `work`, unchanged.
     */
    watch<T>(use: Use, work: () => Promise<T>): Promise<T>;
    private raise;
    private stop;
    private record;
}
//# sourceMappingURL=over-scope.d.ts.map