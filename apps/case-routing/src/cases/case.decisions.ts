import { type CaseStatus, Forbidden } from '@govbus/contracts';
import { type Caller, Principals } from '@govbus/platform';
import { canHandleCase } from '@govbus/policy';
import { Injectable } from '@nestjs/common';
import type { CaseRecord } from './case.entity';

/** Who may do what with a case: asks the policies, and knows no role itself. */
@Injectable()
export class CaseDecisions {
  constructor(private readonly principals: Principals) {}

  /** Dispatchers see every case; others those of their department's units. */
  seesEveryCase(caller: Caller): boolean {
    return caller.scopes.includes('cases:dispatch');
  }

  /** `Forbidden` `decision.denied` with the explanation, unless the policies permit the move. */
  async requireMove(
    caller: Caller,
    to: CaseStatus,
    matter: CaseRecord,
    unitDepartment: string | undefined,
  ): Promise<void> {
    const { id, kind, department, roles } = caller;
    const isActive = await this.principals.isActive(id);
    const decision = canHandleCase({
      principal: { id, kind, department, roles, status: isActive ? 'active' : 'suspended' },
      case: { ...(unitDepartment && { unitDepartment }), status: matter.status },
      action: to === 'dispatched' ? 'dispatch' : 'move',
    });
    if (!decision.allowed)
      throw new Forbidden('decision.denied', `the policies do not permit this move`, {
        explanation: decision.explanation,
      });
  }
}
