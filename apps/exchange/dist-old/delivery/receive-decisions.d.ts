import type { DeliveryMode, PrincipalKind } from '@govbus/contracts';
import { type Caller, Clock, Principals } from '@govbus/platform';
import { Decisions } from '@govbus/policy';
import type { AgreementCopy } from '../agreements/agreement.entity';
/** In whose name data is received. */
export type Receiver = {
    id: string;
    kind: PrincipalKind;
    department: string;
    isActive: boolean;
};
export type ReceiveDecision = ReturnType<Decisions['canReceive']>;
/** Whether a receiver may have data under an agreement now. Never remembered: it is asked once for each page. */
export declare class ReceiveDecisions {
    private readonly decisions;
    private readonly principals;
    private readonly clock;
    constructor(decisions: Decisions, principals: Principals, clock: Clock);
    /** The caller of a request; one that the registry copy does not hold yet stands as its token says. */
    receiverOf(caller: Caller): Receiver;
    /** The owner of a webhook: no token speaks for it, so a principal that is not in the registry copy gets nothing. */
    receiverById(principalId: string): Receiver;
    decide(agreement: AgreementCopy, receiver: Receiver, use: {
        purpose: string;
        mode: DeliveryMode;
        caseReference?: string | null;
    }): ReceiveDecision;
    private statusOf;
}
//# sourceMappingURL=receive-decisions.d.ts.map