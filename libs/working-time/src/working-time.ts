/**
 * When an office works.
 *
 * Shape: `timeZone` IANA name; `workingDays` ISO 8601 weekdays (1 Monday to 7 Sunday); `hours` local `HH:MM` spans of a
 * working day; `holidays` and `extraWorkingDays` local dates `YYYY-MM-DD`, the latter worked although they are not
 * among the weekdays.
 */
export type WorkingCalendar = {
  timeZone: string;
  workingDays: number[];
  hours: { from: string; to: string }[];
  holidays: string[];
  extraWorkingDays: string[];
};

const dayMs = 86_400_000;
// No office is closed for so long: a calendar that has no working day in it is wrong.
const longestPauseDays = 366;
const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const options = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', ...options });
  formats.set(timeZone, format);
  return format;
}

// The wall clock of the zone, as if it were UTC.
function localOf(time: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((time % 1000) + 1000) % 1000);
}
// The moment at which the zone's clocks show `local`; a time that a clock change skips becomes the one after it.
function momentOf(local: number, timeZone: string): number {
  const guess = local - (localOf(local, timeZone) - local);
  return guess + (local - localOf(guess, timeZone));
}

function isWorkingDay(local: number, { workingDays, holidays, extraWorkingDays }: WorkingCalendar): boolean {
  const date = new Date(local);
  const text = date.toISOString().slice(0, 10);
  if (extraWorkingDays.includes(text)) return true;
  return !holidays.includes(text) && workingDays.includes(date.getUTCDay() || 7);
}

/**
 * The end of the `days`-th working day after the day of `start`: a limit in working days does not count the day on
 * which it begins.
 *
 * Errors: throws when the calendar has no working day within a year. Source: General Principles of the Civil Law, article 201 (the opening day is not counted).
 */
export function addWorkingDays(start: Date, days: number, calendar: WorkingCalendar): Date {
  const local = localOf(start.getTime(), calendar.timeZone);
  let day = local - (local % dayMs);
  for (let left = days, pauseDays = 0; left > 0;) {
    day += dayMs;
    if (isWorkingDay(day, calendar)) [left, pauseDays] = [left - 1, 0];
    else if (++pauseDays > longestPauseDays) throw new Error('a calendar without working days');
  }
  const end = calendar.hours.at(-1)?.to ?? '24:00';
  return new Date(momentOf(day + minutesOf(end) * 60_000, calendar.timeZone));
}

/** Whole minutes of working time between two moments; 0 when `to` is not after `from`. */
export function workingMinutesBetween(from: Date, to: Date, calendar: WorkingCalendar): number {
  let total = 0;
  const last = localOf(to.getTime(), calendar.timeZone);
  const first = localOf(from.getTime(), calendar.timeZone);
  for (let day = first - (first % dayMs); day <= last; day += dayMs) {
    if (!isWorkingDay(day, calendar)) continue;
    for (const span of calendar.hours) {
      const opens = momentOf(day + minutesOf(span.from) * 60_000, calendar.timeZone);
      const closes = momentOf(day + minutesOf(span.to) * 60_000, calendar.timeZone);
      total += Math.max(0, Math.min(closes, to.getTime()) - Math.max(opens, from.getTime()));
    }
  }
  return Math.floor(total / 60_000);
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
