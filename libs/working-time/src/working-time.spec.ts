import { addWorkingDays, type WorkingCalendar, workingMinutesBetween } from './working-time';

const calendar: WorkingCalendar = {
  timeZone: 'Asia/Shanghai',
  workingDays: [1, 2, 3, 4, 5],
  hours: [
    { from: '09:00', to: '12:00' },
    { from: '13:00', to: '17:00' },
  ],
  holidays: ['2026-10-01', '2026-10-02'],
  extraWorkingDays: ['2026-10-10'],
};

describe('addWorkingDays', () => {
  it.each([
    ['a week day', '2026-03-03T02:00:00Z', 1, '2026-03-04T09:00:00.000Z'],
    ['over a weekend', '2026-03-06T02:00:00Z', 1, '2026-03-09T09:00:00.000Z'],
    ['over holidays', '2026-09-30T02:00:00Z', 1, '2026-10-05T09:00:00.000Z'],
    ['onto a worked Saturday', '2026-10-09T02:00:00Z', 1, '2026-10-10T09:00:00.000Z'],
    ['late in the evening UTC, next day in Shanghai', '2026-03-03T17:00:00Z', 1, '2026-03-05T09:00:00.000Z'],
  ])('%s', (_, start, days, end) => {
    expect(addWorkingDays(new Date(start), days, calendar).toISOString()).toBe(end);
  });

  it.each([
    ['no days at all', { workingDays: [], extraWorkingDays: [] }],
    ['only days that are over', { workingDays: [], extraWorkingDays: ['2020-01-01'] }],
  ])('refuses a calendar with %s', (_, over) => {
    const calendarOf = { ...calendar, ...over };
    expect(() => addWorkingDays(new Date('2026-03-03T02:00:00Z'), 1, calendarOf)).toThrow('without working days');
  });

  it('ends at the local hour on both sides of a clock change', () => {
    const berlin = { ...calendar, timeZone: 'Europe/Berlin' };
    expect(addWorkingDays(new Date('2026-03-26T10:00:00Z'), 1, berlin).toISOString()).toBe('2026-03-27T16:00:00.000Z');
    expect(addWorkingDays(new Date('2026-03-27T10:00:00Z'), 1, berlin).toISOString()).toBe('2026-03-30T15:00:00.000Z');
  });
});

describe('workingMinutesBetween', () => {
  it.each([
    ['one day without its break', '2026-03-03T00:00:00Z', '2026-03-03T15:00:00Z', 420],
    ['a night', '2026-03-03T09:00:00Z', '2026-03-04T01:00:00Z', 0],
    ['a weekend', '2026-03-06T08:00:00Z', '2026-03-09T02:00:00Z', 120],
    ['backwards', '2026-03-06T08:00:00Z', '2026-03-05T08:00:00Z', 0],
  ])('%s', (_, from, to, minutes) => {
    expect(workingMinutesBetween(new Date(from), new Date(to), calendar)).toBe(minutes);
  });
});
