import { type AgreementStatus, DomainError, type FieldV1, type TermsV1 } from '@govbus/contracts';
import { type AgreementMove, isSuspendedBy, requireTerms, statusAfter } from './agreement.rules';

const statuses: AgreementStatus[] = ['draft', 'approved', 'in-force', 'suspended', 'revoked'];
const possible: Record<AgreementMove, Partial<Record<AgreementStatus, AgreementStatus>>> = {
  approve: { draft: 'approved' },
  activate: { approved: 'in-force' },
  suspend: { 'in-force': 'suspended' },
  resume: { suspended: 'in-force' },
  revoke: { draft: 'revoked', approved: 'revoked', 'in-force': 'revoked', suspended: 'revoked' },
};

describe('statusAfter', () => {
  it.each(
    (Object.keys(possible) as AgreementMove[]).flatMap((move) =>
      statuses.map((now) => [move, now, possible[move][now]] as const),
    ),
  )('%s from %s', (move, now, to) => {
    if (to) expect(statusAfter(move, now)).toBe(to);
    else expect(() => statusAfter(move, now)).toThrow(`the agreement is ${now}`);
  });
});

describe('isSuspendedBy', () => {
  const terms = { onOverScope: 'suspend' } as TermsV1;
  const agreement = { status: 'in-force' as AgreementStatus, terms, version: 3 };
  it('is so for an agreement in force whose terms say so', () => {
    expect(isSuspendedBy(agreement, { agreementVersion: 3 })).toBe(true);
    expect(isSuspendedBy({ ...agreement, terms: {} as TermsV1 }, { agreementVersion: 3 })).toBe(false);
    expect(isSuspendedBy({ ...agreement, terms: { onOverScope: 'alarm' } as TermsV1 }, { agreementVersion: 3 })).toBe(
      false,
    );
  });
  it('is not so when it was decided about since', () => {
    expect(isSuspendedBy(agreement, { agreementVersion: 2 })).toBe(false);
  });
  it.each(statuses.filter((status) => status !== 'in-force'))('is not so for one that is %s', (status) => {
    expect(isSuspendedBy({ ...agreement, status }, { agreementVersion: 3 })).toBe(false);
  });
});

describe('requireTerms', () => {
  const fields: FieldV1[] = [{ pointer: '/id', classification: 'public' }];
  const terms: TermsV1 = {
    purposes: ['inspection'],
    legalBasis: 'article 2',
    fields: ['/id'],
    masks: [],
    validFrom: '2026-01-01T00:00:00Z',
    validTo: '2026-07-01T02:00:00.5+02:00',
    deliveryModes: ['pull'],
  };
  const faultsOf = (over: Partial<TermsV1>): unknown[] => {
    try {
      requireTerms({ ...terms, ...over }, fields);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'terms.invalid') throw error;
      return (error.details.faults ?? []).map(({ pointer, code }) => [pointer, code]);
    }
    return [];
  };

  it('takes moments and days', () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ validFrom: '2026-01-01', validTo: '2026-12-31' })).toEqual([]);
  });

  it.each([
    '2026-W10',
    '2026-060',
    '2026-01-01T00:00:00',
    '2026-13-01T00:00:00Z',
    '2026-01-01 00:00Z',
    '+002026-01-01',
    '0000-01-01',
    '2026-01-01T00:00:00+18:00',
    '2026-01-01T00:00:00.0000000001Z',
  ])('refuses %s, which machines read differently or not at all', (validFrom) =>
    expect(faultsOf({ validFrom })).toEqual([['/terms/validFrom', 'time.not-a-moment']]),
  );

  it('refuses an empty period, unknown fields, and more names of fields than a log entry holds', () => {
    expect(faultsOf({ validTo: terms.validFrom })).toEqual([['/terms/validTo', 'period.empty']]);
    expect(faultsOf({ fields: ['/name'] })).toEqual([['/terms/fields/0', 'field.unknown']]);
    expect(faultsOf({ fields: [`/id/${'x'.repeat(32_768)}`] })).toEqual([['/terms/fields', 'fields.too-long']]);
  });
});
