import { cutoffOf } from './retention.rules';

it('counts days of 24 hours back from now', () => {
  expect(cutoffOf(1, new Date('2026-11-25T12:00:00Z')).toISOString()).toBe('2026-11-24T12:00:00.000Z');
});
