import { Decisions } from './decisions';
import { rules, staticPolicies } from './policies';

const decisions = new Decisions();
beforeAll(() => decisions.warmUp());

const system = { id: 'animals', department: 'a', status: 'active' as const };
const dataset = { datasetId: 'animals', responsibleDepartment: 'a', publishers: ['guest'], status: 'active' as const };
const receive: Parameters<Decisions['canReceive']>[0] = {
  principal: { id: 'reader', kind: 'system', department: 'b', status: 'active' },
  agreement: {
    consumerDepartment: 'b',
    status: 'in-force',
    terms: {
      purposes: ['case-handling'],
      legalBasis: 'article 1',
      fields: ['/id'],
      masks: [],
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2027-01-01T00:00:00Z',
      deliveryModes: ['pull'],
    },
  },
  purpose: 'case-handling',
  mode: 'pull',
  now: new Date('2026-06-01T00:00:00Z'),
  provider: { status: 'active' },
  consumer: { status: 'active' },
};
const withCase = { ...receive.agreement, terms: { ...receive.agreement.terms, caseRequired: true } };
const officer = {
  id: 'o',
  kind: 'officer' as const,
  department: 'a',
  roles: ['sharing-officer'],
  status: 'active' as const,
};

describe('Decisions', () => {
  it('lets the owner and named publishers publish', () => {
    expect(decisions.canPublish({ system, dataset })).toEqual({ allowed: true });
    expect(decisions.canPublish({ system: { ...system, id: 'guest', department: 'b' }, dataset })).toEqual({
      allowed: true,
    });
  });

  it.each([
    [{ system: { ...system, department: 'b' }, dataset }, 'dataset.not-publisher'],
    [{ system: { ...system, status: 'suspended' as const }, dataset }, 'principal.suspended'],
    [{ system, dataset: { ...dataset, status: 'retired' as const } }, 'dataset.retired'],
  ])('explains a refused publication: %#', (request, code) => {
    expect(decisions.canPublish(request)).toMatchObject({ allowed: false, explanation: { code } });
  });

  it('lets a consumer receive what is agreed', () => {
    expect(decisions.canReceive(receive)).toEqual({ allowed: true });
    expect(decisions.canReceive({ ...receive, agreement: withCase, caseReference: 'C-1' })).toEqual({ allowed: true });
    expect(decisions.canReceive({ ...receive, agreement: { ...receive.agreement, heldFor: null } }).allowed).toBe(true);
  });

  it.each([
    [{ purpose: 'marketing' }, 'agreement.purpose'],
    [{ mode: 'webhook' as const }, 'agreement.delivery-mode'],
    [{ now: new Date('2027-01-01T00:00:00Z') }, 'agreement.expired'],
    [{ now: new Date('2025-01-01T00:00:00Z') }, 'agreement.not-started'],
    [{ agreement: { ...receive.agreement, status: 'revoked' as const } }, 'agreement.not-in-force'],
    [{ agreement: { ...receive.agreement, consumerDepartment: 'c' } }, 'agreement.other-department'],
    [{ provider: { status: 'suspended' as const } }, 'provider.suspended'],
    [{ consumer: undefined }, 'consumer.suspended'],
    [{ agreement: { ...receive.agreement, heldFor: 'volume' } }, 'agreement.held'],
    [{ agreement: withCase }, 'agreement.case-required'],
    [{ agreement: withCase, purpose: 'marketing' }, 'agreement.purpose'],
  ])('explains a refused receipt: %#', (over, code) => {
    expect(decisions.canReceive({ ...receive, ...over })).toMatchObject({ allowed: false, explanation: { code } });
  });

  it('lets the sharing officer of the owner decide, and nobody else', () => {
    const agreement = { providerDepartment: 'a', consumerDepartment: 'b', status: 'draft' as const };
    expect(decisions.canDecideAgreement({ principal: officer, agreement, action: 'approve' })).toEqual({
      allowed: true,
    });
    const other = { ...officer, department: 'b' };
    expect(decisions.canDecideAgreement({ principal: other, agreement, action: 'approve' }).allowed).toBe(false);
    const clerk = { ...officer, roles: [] };
    expect(decisions.canDecideAgreement({ principal: clerk, agreement, action: 'approve' }).allowed).toBe(false);
  });

  it('denies by default: an action that no rule knows is not permitted', () => {
    const request = { principal: officer, case: { status: 'handling' }, action: 'move' as const };
    const forged = { ...request, action: 'publish-all' as unknown as 'move' };
    expect(decisions.canHandleCase(forged)).toMatchObject({ allowed: false });
  });

  it.each([
    ['a time that is none', { terms: { ...receive.agreement.terms, validTo: 'never' } }],
    ['purposes that are no list', { terms: { ...receive.agreement.terms, purposes: null as unknown as string[] } }],
    ['an attribute that is missing', { consumerDepartment: undefined as unknown as string }],
    ['a status of another kind', { status: 7 as unknown as 'in-force' }],
  ])('denies when the engine cannot decide over %s', (_, over) => {
    const { allowed, explanation } = decisions.canReceive({ ...receive, agreement: { ...receive.agreement, ...over } });
    expect({ allowed, code: explanation?.code }).toEqual({
      allowed: false,
      code: expect.stringMatching(/^(decision\.failed|agreement\.not-in-force)$/) as string,
    });
  });

  it('names policy, attribute and what is needed, and no value of the request', () => {
    const refused = decisions.canReceive({ ...receive, purpose: 'planted' });
    expect(refused).toEqual({
      allowed: false,
      explanation: {
        code: 'agreement.purpose',
        policy: 'receive-purpose',
        attribute: 'agreement.terms.purposes',
        detail: 'the agreement does not allow this purpose',
      },
    });
  });

  it('is asked anew: a changed principal, dataset or agreement changes the next answer', () => {
    const asked = [
      decisions.canReceive(receive),
      decisions.canReceive({ ...receive, agreement: { ...receive.agreement, status: 'suspended' } }),
      decisions.canReceive({ ...receive, principal: { ...receive.principal, status: 'suspended' } }),
      decisions.canPublish({ system, dataset }),
      decisions.canPublish({ system, dataset: { ...dataset, responsibleDepartment: 'c' } }),
      decisions.canReceive(receive),
    ];
    expect(asked.map(({ allowed }) => allowed)).toEqual([true, false, false, true, false, true]);
  });

  it('has an explanation for every rule of the policy set', () => {
    expect(Object.keys(staticPolicies).sort()).toEqual(['actions', ...Object.keys(rules)].sort());
    for (const { code, attribute, detail } of Object.values(rules))
      expect([code, attribute, detail]).toEqual(Array(3).fill(expect.stringMatching(/^[a-z]/)));
  });
});
