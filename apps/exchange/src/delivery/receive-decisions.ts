import type { DeliveryMode, PrincipalKind } from '@govbus/contracts';
import { type Caller, Clock, Principals } from '@govbus/platform';
import { Decisions } from '@govbus/policy';
import { Injectable } from '@nestjs/common';
import type { AgreementCopy } from '../agreements/agreement.entity';

/** In whose name data is received. */
export type Receiver = { id: string; kind: PrincipalKind; department: string; isActive: boolean };
export type ReceiveDecision = ReturnType<Decisions['canReceive']>;

/** Whether a receiver may have data under an agreement now. Never remembered: it is asked once for each page. */
@Injectable()
export class ReceiveDecisions {
  constructor(
    private readonly decisions: Decisions,
    private readonly principals: Principals,
    private readonly clock: Clock,
  ) {}

  /** The caller of a request; one that the registry copy does not hold yet stands as its token says. */
  receiverOf(caller: Caller): Receiver {
    const department = this.principals.get(caller.id)?.departmentCode ?? caller.department;
    return { id: caller.id, kind: caller.kind, department, isActive: this.principals.isActive(caller.id) };
  }

  /** The owner of a webhook: no token speaks for it, so a principal that is not in the registry copy gets nothing. */
  receiverById(principalId: string): Receiver {
    const principal = this.principals.get(principalId);
    return {
      id: principalId,
      kind: principal?.kind ?? 'system',
      department: principal?.departmentCode ?? 'unknown',
      isActive: principal !== undefined && this.principals.isActive(principalId),
    };
  }

  /** As it stands now: who was active when the request came may be so no longer after a wait for a connection (P5). */
  decide(
    agreement: AgreementCopy,
    receiver: Receiver,
    use: { purpose: string; mode: DeliveryMode; caseReference?: string | null },
  ): ReceiveDecision {
    const { id, kind, department } = receiver;
    const isActive = receiver.isActive && this.principals.isActive(id);
    return this.decisions.canReceive({
      principal: { id, kind, department, status: isActive ? 'active' : 'suspended' },
      agreement,
      purpose: use.purpose,
      mode: use.mode,
      caseReference: use.caseReference ?? undefined,
      now: this.clock.now(),
      provider: this.statusOf(agreement.providerDepartment),
      consumer: this.statusOf(agreement.consumerDepartment),
    });
  }

  private statusOf(departmentCode: string): { status: 'active' | 'suspended' } | undefined {
    const department = this.principals.department(departmentCode);
    return department && { status: department.status };
  }
}
