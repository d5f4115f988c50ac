import { Forbidden } from '@govbus/contracts';
import { type Caller, Principals } from '@govbus/platform';
import { type Decision, Decisions } from '@govbus/policy';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Agreement } from '../agreements/agreement.entity';

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

  requireWrite(
    caller: Caller,
    { datasetId, responsibleDepartment }: { datasetId: string; responsibleDepartment: string },
  ): void {
    const dataset = { responsibleDepartment };
    refuse(this.decisions.canWriteDataset({ principal: this.of(caller), dataset }), { datasetId });
  }

  requireAgreement(
    caller: Caller,
    agreement: Pick<Agreement, 'datasetId' | 'providerDepartment' | 'consumerDepartment' | 'status'> & {
      agreementId?: string;
    },
    action: AgreementAction,
  ): void {
    const { datasetId, agreementId } = agreement;
    const about = { datasetId, ...(agreementId && { agreementId }) };
    refuse(this.decisions.canDecideAgreement({ principal: this.of(caller), agreement, action }), about);
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

function refuse(decision: Decision, about: { datasetId: string; agreementId?: string }): void {
  if (!decision.allowed)
    throw new Forbidden('decision.denied', decision.explanation.detail, {
      explanation: { ...decision.explanation },
      about,
    });
}
