import { type CaseStatus, Forbidden } from '@govbus/contracts';
import { type Caller, Principals } from '@govbus/platform';
import { Decisions } from '@govbus/policy';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { CaseRecord } from './case.entity';
import { sideOf } from './case.rules';

/** Who may do what with a case: asks the policies, and knows no role itself. */
@Injectable()
export class CaseDecisions implements OnModuleInit {
  constructor(
    private readonly decisions: Decisions,
    private readonly principals: Principals,
  ) {}

  onModuleInit(): void {
    this.decisions.warmUp();
  }

  /** Dispatchers see every case; others those of their department's units. */
  seesEveryCase(caller: Caller): boolean {
    return caller.scopes.includes('cases:dispatch');
  }

  /** `Forbidden` `decision.denied` with the explanation, unless the policies permit the move. */
  requireMove(caller: Caller, to: CaseStatus, matter: CaseRecord, unitDepartment: string | undefined): void {
    const { id, kind, department, roles } = caller;
    const status = this.principals.isActive(id) ? 'active' : 'suspended';
    const { allowed, explanation } = this.decisions.canHandleCase({
      principal: { id, kind, department, roles, status },
      case: { ...(unitDepartment && { unitDepartment }), status: matter.status },
      action: sideOf(matter.status, to) === 'unit' ? 'move' : 'dispatch',
    });
    if (!allowed)
      throw new Forbidden('decision.denied', explanation.detail, {
        explanation: { ...explanation },
        about: { datasetId: matter.datasetId },
      });
  }
}
