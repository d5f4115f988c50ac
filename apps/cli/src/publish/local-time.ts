/** A local time as a format reads it; `month` and `day` from 1. */
type LocalTime = {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  milli: number;
};
type Part = keyof LocalTime | 'half';
/** Milliseconds of UTC, or undefined when the text is no such time. */
export type TimeReader = (text: string) => number | undefined;

const tokens: Record<string, { pattern: string; part: Part }> = {
  YYYY: { pattern: '(\\d{4})', part: 'year' },
  MM: { pattern: '(\\d{2})', part: 'month' },
  M: { pattern: '(\\d{1,2})', part: 'month' },
  DD: { pattern: '(\\d{2})', part: 'day' },
  D: { pattern: '(\\d{1,2})', part: 'day' },
  HH: { pattern: '(\\d{2})', part: 'hour' },
  H: { pattern: '(\\d{1,2})', part: 'hour' },
  hh: { pattern: '(\\d{2})', part: 'hour' },
  h: { pattern: '(\\d{1,2})', part: 'hour' },
  mm: { pattern: '(\\d{2})', part: 'minute' },
  m: { pattern: '(\\d{1,2})', part: 'minute' },
  ss: { pattern: '(\\d{2})', part: 'second' },
  s: { pattern: '(\\d{1,2})', part: 'second' },
  SSS: { pattern: '(\\d{3})', part: 'milli' },
  A: { pattern: '([AaPp][Mm])', part: 'half' },
};
const tokenPattern = /YYYY|SSS|MM?|DD?|HH?|hh?|mm?|ss?|A/g;
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Reads times as `format` says, in `zone`; without a format, RFC 3339 alone.
 *
 * Shape: tokens YYYY M MM D DD H HH h hh (with A: AM or PM) m mm s ss SSS; everything else stands for itself.
 * Errors: `RangeError` when the format lacks year, month or day, or the zone is not one of the IANA database.
 */
export function timeReader(format: string | undefined, zone: string | undefined): TimeReader {
  if (format === undefined)
    return (text) => (rfc3339.test(text.trim()) ? numberOr(Date.parse(text.trim())) : undefined);
  const offsetAt = offsetsOf(zone ?? 'UTC');
  const read = localReader(format);
  return (text) => {
    const local = read(text.trim());
    return local && toUtc(local, offsetAt);
  };
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const numberOr = (ms: number): number | undefined => (Number.isNaN(ms) ? undefined : ms);

function localReader(format: string): (text: string) => LocalTime | undefined {
  const parts: Part[] = [];
  let pattern = '';
  let at = 0;
  for (const match of format.matchAll(tokenPattern)) {
    const token = tokens[match[0]];
    if (!token) continue;
    pattern += literal(format.slice(at, match.index)) + token.pattern;
    parts.push(token.part);
    at = match.index + match[0].length;
  }
  pattern += literal(format.slice(at));
  if (!(['year', 'month', 'day'] as const).every((part) => parts.includes(part)))
    throw new RangeError('a format of times needs YYYY, M or MM, and D or DD');
  const expression = new RegExp(`^${pattern}$`);
  return (text) => {
    const found = expression.exec(text);
    return found ? localTimeOf(parts, found.slice(1)) : undefined;
  };
}

function localTimeOf(parts: Part[], values: string[]): LocalTime | undefined {
  const local: LocalTime = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, milli: 0 };
  let half: string | undefined;
  for (const [i, part] of parts.entries()) {
    const value = values[i] ?? '';
    if (part === 'half') half = value.toLowerCase();
    else local[part] = Number(value);
  }
  if (half !== undefined) {
    if (local.hour < 1 || local.hour > 12) return undefined;
    local.hour = (local.hour % 12) + (half === 'pm' ? 12 : 0);
  }
  return isReal(local) ? local : undefined;
}

function isReal({ year, month, day, hour, minute, second }: LocalTime): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
  return year >= 1000 && hour < 24 && minute < 60 && second < 60;
}

const dayMs = 86_400_000;

/**
 * A time that the clocks show twice is the first of the two; one that they skip is as long after the change as it
 * would have been without it. Source: RFC 5545, section 3.3.5.
 */
function toUtc(local: LocalTime, offsetAt: (utcMs: number) => number): number {
  const { year, month, day, hour, minute, second, milli } = local;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, milli);
  const before = offsetAt(wall - dayMs);
  const after = offsetAt(wall + dayMs);
  if (before === after || offsetAt(wall - before) === before) return wall - before;
  if (offsetAt(wall - after) === after) return wall - after;
  return wall - before;
}

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function offsetsOf(zone: string): (utcMs: number) => number {
  if (zone === 'UTC') return () => 0;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (utcMs) => {
    const whole = Math.floor(utcMs / 1000) * 1000;
    // month/day/year, hour:minute:second
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (
      clock.format(whole).match(/\d+/g) ?? []
    ).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  };
}
