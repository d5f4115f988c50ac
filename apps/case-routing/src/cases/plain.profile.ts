import type { CaseProfile } from './case.profile';

/**
 * The one profile; another is a change of its imports. Five working days, one return, the working calendar of China for
 * 2026. Beyond that year the weekly pattern alone applies.
 * Source: notice of the State Council Office of 2025-11-04 on the holidays of 2026.
 */
export const caseProfile: CaseProfile = {
  defaultLimitWorkingDays: 5,
  maxReturns: 1,
  calendar: {
    timeZone: 'Asia/Shanghai',
    workingDays: [1, 2, 3, 4, 5],
    hours: [
      { from: '08:00', to: '12:00' },
      { from: '14:00', to: '18:00' },
    ],
    holidays: [
      ...days('2026-01', 1, 3),
      ...days('2026-02', 15, 23),
      ...days('2026-04', 4, 6),
      ...days('2026-05', 1, 5),
      ...days('2026-06', 19, 21),
      ...days('2026-09', 25, 27),
      ...days('2026-10', 1, 7),
    ],
    extraWorkingDays: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  },
};

function days(month: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => `${month}-${String(first + i).padStart(2, '0')}`);
}
