import type { WorkingCalendar } from '@govbus/working-time';

/** Numbers and calendar under which cases run. */
export type CaseProfile = {
  calendar: WorkingCalendar;
  /** Where no directory line gives one. */
  defaultLimitWorkingDays: number;
  /** Granted returns after which the next unit is designated: it may not return the case. */
  maxReturns: number;
};
