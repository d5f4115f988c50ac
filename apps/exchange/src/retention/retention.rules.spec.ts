import { cutoffOf, isPast } from './retention.rules';

const now = new Date('2026-11-25T12:00:00Z');

describe('retention', () => {
  it('counts days of 24 hours back from now', () => {
    expect(cutoffOf(1, now).toISOString()).toBe('2026-11-24T12:00:00.000Z');
  });

  it.each([
    ['the day on which the last of it may go', { retentionDays: 24, legalHold: false }, '2026-11-01', true],
    ['the day before', { retentionDays: 25, legalHold: false }, '2026-11-01', false],
    ['a dataset under hold', { retentionDays: 1, legalHold: true }, '2020-01-01', false],
    ['a dataset without retention', { retentionDays: null, legalHold: false }, '2020-01-01', false],
  ])('lets a period go, or not: %s', (_, kept, end, expected) => {
    expect(isPast(kept, end, now)).toBe(expected);
  });
});
