import { Forbidden } from '@govbus/contracts';
import type { ReceiveDecision } from './receive-decisions';
type Denial = Extract<ReceiveDecision, {
    allowed: false;
}>;
type About = NonNullable<Forbidden['details']['about']>;
/**
 * The refusal of a use under an agreement, explained to whom the agreement is for. To all others an agreement looks like
 * one that is not there; the audit entry names it.
 */
export declare function denialOf(agreement: {
    consumerDepartment: string;
} | null, receiver: {
    department: string;
}, denial: Denial | undefined, about: About): Forbidden;
export {};
//# sourceMappingURL=denial.rules.d.ts.map