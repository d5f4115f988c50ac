export { addWorkingDays, type WorkingCalendar, workingMinutesBetween } from './working-time';
