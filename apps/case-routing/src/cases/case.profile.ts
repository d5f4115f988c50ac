import type { WorkingCalendar } from '@govbus/working-time';

/** Numbers and calendar under which cases run. */
export type CaseProfile = {
  calendar: WorkingCalendar;
  /** Where no directory line gives one. */
  defaultLimitWorkingDays: number;
  /** Requests for return, granted or refused, after which the unit is designated: it may not ask again. */
  maxReturns: number;
};
