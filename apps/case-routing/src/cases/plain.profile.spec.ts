import { addWorkingDays } from '@govbus/working-time';
import { caseProfile } from './plain.profile';

const dueAfter = (start: string, days: number) =>
  addWorkingDays(new Date(start), days, caseProfile.calendar).toISOString();

// P8: the day of dispatch is not counted, and the limit ends with the office hours of the last day (18:00 in Shanghai).
describe('the plain profile', () => {
  it.each([
    ['on a Monday', '2026-03-02T01:00:00Z', 3, '2026-03-05T10:00:00.000Z'],
    ['on a Friday, over the weekend', '2026-03-06T01:00:00Z', 1, '2026-03-09T10:00:00.000Z'],
    [
      'before the Spring Festival, over the worked Saturday before it',
      '2026-02-13T01:00:00Z',
      2,
      '2026-02-24T10:00:00.000Z',
    ],
    ['before the National Day', '2026-09-30T01:00:00Z', 1, '2026-10-08T10:00:00.000Z'],
    ['late in the evening in Shanghai', '2026-03-02T15:59:59Z', 1, '2026-03-03T10:00:00.000Z'],
    ['one second later, which is the next day there', '2026-03-02T16:00:00Z', 1, '2026-03-04T10:00:00.000Z'],
  ])('gives a case dispatched %s its limit', (_, start, days, end) => expect(dueAfter(start, days)).toBe(end));

  it('lists each day once, as a holiday or as worked', () => {
    const { holidays, extraWorkingDays } = caseProfile.calendar;
    const days = [...holidays, ...extraWorkingDays];
    expect(new Set(days).size).toBe(days.length);
  });
});
