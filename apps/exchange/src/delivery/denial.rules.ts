import { Forbidden } from '@govbus/contracts';
import type { ReceiveDecision } from './receive-decisions';

type Denial = Extract<ReceiveDecision, { allowed: false }>;
type About = NonNullable<Forbidden['details']['about']>;

const unknown = {
  code: 'agreement.unknown',
  needed: 'an agreement in force',
  detail: 'the department has no agreement with this id',
};

/**
 * The refusal of a use under an agreement, explained to whom the agreement is for. To all others an agreement looks like
 * one that is not there; the audit entry names it.
 */
export function denialOf(
  agreement: { consumerDepartment: string } | null,
  receiver: { department: string },
  denial: Denial | undefined,
  about: About,
): Forbidden {
  const isOwn = agreement?.consumerDepartment === receiver.department;
  const explanation = isOwn && denial ? denial.explanation : unknown;
  return new Forbidden('decision.denied', explanation.detail, { explanation: { ...explanation }, about });
}
