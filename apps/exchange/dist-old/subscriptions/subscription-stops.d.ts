import type { AgreementStatus } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
/** What an agreement's changes do to its subscriptions, in the transaction of the change. */
export declare class SubscriptionStops {
    stopUnder(agreementId: string, status: AgreementStatus, tx: EntityManager): Promise<void>;
    /** Puts what the agreement had stopped back to what it was; the owner's own stops stay. */
    resumeUnder(agreementId: string, tx: EntityManager): Promise<void>;
}
//# sourceMappingURL=subscription-stops.d.ts.map