import { type AgreementStatus, Forbidden } from '@govbus/contracts';
import { type Caller, Principals } from '@govbus/platform';
import { type Decision, Decisions } from '@govbus/policy';
import { Injectable, type OnModuleInit } from '@nestjs/common';

type AgreementAction = Parameters<Decisions['canDecideAgreement']>[0]['action'];

/** Asks the policies; `Forbidden` `decision.denied` with the explanation when they say no. */
@Injectable()
export class CatalogDecisions implements OnModuleInit {
  constructor(
    private readonly decisions: Decisions,
    private readonly principals: Principals,
  ) {}

  onModuleInit(): void {
    this.decisions.warmUp();
  }

  requireWrite(caller: Caller, responsibleDepartment: string): void {
    refuse(this.decisions.canWriteDataset({ principal: this.of(caller), dataset: { responsibleDepartment } }));
  }

  requireAgreement(
    caller: Caller,
    agreement: { providerDepartment: string; consumerDepartment: string; status: AgreementStatus },
    action: AgreementAction,
  ): void {
    refuse(this.decisions.canDecideAgreement({ principal: this.of(caller), agreement, action }));
  }

  private of({ id, kind, department, roles }: Caller) {
    return {
      id,
      kind,
      department,
      roles,
      status: this.principals.isActive(id) ? ('active' as const) : ('suspended' as const),
    };
  }
}

function refuse(decision: Decision): void {
  if (!decision.allowed)
    throw new Forbidden('decision.denied', decision.explanation.detail, { explanation: { ...decision.explanation } });
}
