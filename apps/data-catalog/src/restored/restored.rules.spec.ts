import { agreementStatuses } from '@govbus/contracts';
import { agreementStatus, datasetStops, unknownAgreementStatus } from './restored.rules';

describe('an agreement after a restore', () => {
  it('is revoked when it is on either side, and suspended when it is on one and revoked on none', () => {
    for (const status of agreementStatuses) {
      expect(agreementStatus(status, 'revoked')).toBe('revoked');
      expect(agreementStatus('revoked', status)).toBe('revoked');
      if (status === 'revoked') continue;
      expect(agreementStatus(status, 'suspended')).toBe('suspended');
      expect(agreementStatus('suspended', status)).toBe('suspended');
    }
  });

  it('is what it became after the backup otherwise', () => {
    expect(agreementStatus('draft', 'in-force')).toBe('in-force');
    expect(agreementStatus('draft', 'approved')).toBe('approved');
    expect(agreementStatus('in-force', 'in-force')).toBe('in-force');
  });

  it('is not in force when the backup does not have it', () => {
    const after = agreementStatuses.map((status) => [status, unknownAgreementStatus(status)]);
    expect(Object.fromEntries(after)).toEqual({
      draft: 'draft',
      approved: 'approved',
      'in-force': 'suspended',
      suspended: 'suspended',
      revoked: 'revoked',
    });
  });
});

describe('a dataset after a restore', () => {
  const active = { status: 'active', legalHold: false } as const;
  it.each([
    [active, active, active],
    [active, { status: 'active' }, active],
    [active, { status: 'retired', legalHold: true }, { status: 'retired', legalHold: true }],
    [{ status: 'retired', legalHold: true }, active, { status: 'retired', legalHold: true }],
  ] as const)('stays retired and held when it is on either side: %j, %j', (own, held, after) => {
    expect(datasetStops(own, held)).toEqual(after);
  });
});
