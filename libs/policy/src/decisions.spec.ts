import { Decisions } from './decisions';

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
});
