import 'reflect-metadata';
import { type AgreementStatus, agreementStatuses, type TermsV1 } from '@govbus/contracts';
import { idlePauseMs, maySupplyCases, retryPauseMs } from './intake.rules';

const terms: TermsV1 = {
  purposes: ['statistics', 'case-handling'],
  legalBasis: 'law',
  fields: ['/a'],
  masks: [],
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2026-02-01T00:00:00Z',
  deliveryModes: ['pull'],
};
const mayAt = (time: string, status: AgreementStatus = 'in-force', more: Partial<TermsV1> = {}) =>
  maySupplyCases({ status, terms: { ...terms, ...more } }, 'case-handling', new Date(time));

describe('maySupplyCases', () => {
  it('holds in the half-open period of the agreement', () => {
    expect(mayAt('2025-12-31T23:59:59.999Z')).toBe(false);
    expect(mayAt('2026-01-01T00:00:00.000Z')).toBe(true);
    expect(mayAt('2026-01-31T23:59:59.999Z')).toBe(true);
    expect(mayAt('2026-02-01T00:00:00.000Z')).toBe(false);
  });

  it('holds for agreements in force alone', () => {
    expect(agreementStatuses.filter((status) => mayAt('2026-01-15T00:00:00Z', status))).toEqual(['in-force']);
  });

  it('asks for the purpose and for pull', () => {
    expect(mayAt('2026-01-15T00:00:00Z', 'in-force', { purposes: ['statistics'] })).toBe(false);
    expect(mayAt('2026-01-15T00:00:00Z', 'in-force', { deliveryModes: ['webhook'] })).toBe(false);
  });
});

describe('pauses', () => {
  it('grow from 500 ms to 2 s while nothing comes', () => {
    expect([1, 2, 3, 4, 50].map(idlePauseMs)).toEqual([500, 1000, 2000, 2000, 2000]);
  });

  it('grow to 15 s after failures, shortened by up to a half', () => {
    expect([1, 2, 3, 6, 1000].map((failures) => retryPauseMs(failures, 0))).toEqual([500, 1000, 2000, 15_000, 15_000]);
    expect(retryPauseMs(1, 1)).toBe(250);
  });

  it('are as long as the other side asks, within the bound', () => {
    expect(retryPauseMs(1, 0, 3)).toBe(3_000);
    expect(retryPauseMs(1, 0, 3600)).toBe(15_000);
  });
});
