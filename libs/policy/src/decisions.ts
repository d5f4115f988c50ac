import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type {
  AgreementRecordV1,
  AgreementStatus,
  DeliveryMode,
  PrincipalKind,
  RegistryStatus,
} from '@govbus/contracts';
import { rules, staticPolicies } from './policies';

/** Why not: a stable code, the policy and attribute that decided, and a sentence. No value of any record. */
export type Explanation = { code: string; policy?: string; attribute?: string; needed?: string; detail: string };
export type Decision = { allowed: true; explanation?: undefined } | { allowed: false; explanation: Explanation };

type Status = { status: RegistryStatus };
type Person = { id: string; kind: PrincipalKind; department: string; roles: string[]; status: RegistryStatus };
type Attributes = Record<string, string | number | string[] | undefined>;
type Question = {
  action: string;
  principal: Attributes & { name: string };
  resource: Attributes;
  context?: Attributes;
};

const policySet = 'govbus';

/**
 * The fine decisions, by one fixed Cedar policy set: agreements and people are attributes, so that the cost of a
 * decision does not grow with their number. Every failure is a denial.
 */
export class Decisions {
  private isReady = false;

  /** Parses the policies and runs one decision, so that the first caller does not wait. Errors: throws on bad policies. */
  warmUp(): void {
    if (this.isReady) return;
    const answer = cedar.preparsePolicySet(policySet, { staticPolicies });
    if (answer.type === 'failure')
      throw new Error(`policies: ${answer.errors.map(({ message }) => message).join('; ')}`);
    this.isReady = true;
    this.ask({ action: 'publish', principal: { name: 'warm-up', status: 'suspended' }, resource: {} });
  }

  canPublish(request: {
    system: { id: string; department: string; status: RegistryStatus };
    dataset: { datasetId: string; responsibleDepartment: string; publishers: string[]; status: 'active' | 'retired' };
  }): Decision {
    const { id, department, status } = request.system;
    const { responsibleDepartment, publishers, status: datasetStatus } = request.dataset;
    return this.ask({
      action: 'publish',
      principal: { name: id, department, status },
      resource: { responsibleDepartment, publishers, status: datasetStatus },
    });
  }

  /** Unknown departments (`provider`, `consumer` undefined) count as suspended: nothing flows on a guess. */
  canReceive(request: {
    principal: { id: string; kind: PrincipalKind; department: string; status: RegistryStatus };
    /** `heldFor`: why the exchange holds it back, until its department decides anew. */
    agreement: Pick<AgreementRecordV1, 'consumerDepartment' | 'status' | 'terms'> & { heldFor?: string | null };
    purpose: string;
    mode: DeliveryMode;
    /** The case that the use is for, if it names one. */
    caseReference?: string;
    now: Date;
    provider: Status | undefined;
    consumer: Status | undefined;
  }): Decision {
    const { principal, agreement, purpose, mode, caseReference, now, provider, consumer } = request;
    const { terms } = agreement;
    return this.ask({
      action: 'receive',
      principal: { name: principal.id, department: principal.department, status: principal.status },
      resource: {
        consumerDepartment: agreement.consumerDepartment,
        status: agreement.status,
        heldFor: agreement.heldFor ?? undefined,
        purposes: terms.purposes,
        caseRequired: terms.caseRequired ? 'yes' : 'no',
        modes: terms.deliveryModes,
        validFrom: Date.parse(terms.validFrom),
        validTo: Date.parse(terms.validTo),
      },
      context: {
        purpose,
        mode,
        caseReference,
        now: now.getTime(),
        provider: provider?.status ?? 'unknown',
        consumer: consumer?.status ?? 'unknown',
      },
    });
  }

  canDecideAgreement(request: {
    principal: Person;
    agreement: { providerDepartment: string; consumerDepartment: string; status: AgreementStatus };
    action: 'create' | 'approve' | 'activate' | 'suspend' | 'resume' | 'revoke';
  }): Decision {
    const { providerDepartment } = request.agreement;
    return this.ask({
      action: 'agreement',
      principal: attributesOf(request.principal),
      resource: { providerDepartment },
    });
  }

  canWriteDataset(request: { principal: Person; dataset: { responsibleDepartment: string } }): Decision {
    const { responsibleDepartment } = request.dataset;
    return this.ask({
      action: 'dataset',
      principal: attributesOf(request.principal),
      resource: { responsibleDepartment },
    });
  }

  canHandleCase(request: {
    principal: Person;
    case: { unitDepartment?: string; status: string };
    action: 'move' | 'dispatch';
  }): Decision {
    const { unitDepartment } = request.case;
    return this.ask({
      action: request.action,
      principal: attributesOf(request.principal),
      resource: { unitDepartment },
    });
  }

  private ask({ action, principal, resource, context = {} }: Question): Decision {
    this.warmUp();
    const who = { type: 'Principal', id: principal.name };
    const what = { type: 'Resource', id: 'asked' };
    const answer = cedar.statefulIsAuthorized({
      preparsedPolicySetId: policySet,
      principal: who,
      action: { type: 'Action', id: action },
      resource: what,
      context: given(context),
      entities: [
        { uid: who, attrs: given(principal), parents: [] },
        { uid: what, attrs: given(resource), parents: [] },
      ],
      validateRequest: false,
    });
    if (answer.type === 'failure') return deny('decision.failed', 'the decision could not be made');
    if (answer.response.decision === 'allow' && answer.response.diagnostics.errors.length === 0)
      return { allowed: true };
    const broken = new Set(answer.response.diagnostics.reason);
    const first = Object.entries(rules).find(([id]) => broken.has(id));
    if (!first) return deny('decision.failed', 'the decision could not be made');
    const [policy, { code, attribute, detail }] = first;
    return { allowed: false, explanation: { code, policy, attribute, detail } };
  }
}

const attributesOf = ({ id, kind, department, roles, status }: Person) => ({
  name: id,
  kind,
  department,
  roles,
  status,
});
const deny = (code: string, detail: string): Decision => ({ allowed: false, explanation: { code, detail } });
function given(attributes: Attributes): Record<string, string | number | string[]> {
  const entries = Object.entries(attributes).filter(
    (entry): entry is [string, string | number | string[]] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
