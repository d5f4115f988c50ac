import { periodAfter, periodAt, periodOfBatch } from './ledger-periods.rules';

describe('periods of the ledger', () => {
  it('are the months of UTC', () => {
    expect(periodAt(new Date('2026-12-01T00:30:00+02:00'))).toBe('2026-11-01');
    expect([periodAfter('2026-11-01'), periodAfter('2026-12-01'), periodAfter('2026-08-01')]).toEqual([
      '2026-12-01',
      '2027-01-01',
      '2026-09-01',
    ]);
  });

  it('never go back, even if the clock does', () => {
    expect(periodOfBatch('2026-11-01', [])).toBe('2026-11-01');
    expect(periodOfBatch('2026-11-01', [null, '2026-10-01'])).toBe('2026-11-01');
    expect(periodOfBatch('2026-11-01', ['2026-10-01', '2027-01-01', null])).toBe('2027-01-01');
  });
});
