const form =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;
const monthsOf30 = [4, 6, 9, 11];

/**
 * Whether a text is a time of RFC 3339, on a day that there is; the second 60 only where one is put in: at the end of a
 * day, UTC.
 *
 * Source: RFC 3339, sections 5.6 and 5.7. `Date.parse` knows no leap second and takes 30 February for 2 March.
 */
export function isTime(text: string): boolean {
  if (!form.test(text) || Number(text.slice(8, 10)) > daysOf(text)) return false;
  return text.slice(17, 19) !== '60' || new Date(timeOf(text)).toISOString().slice(11, 19) === '23:59:59';
}

/** Milliseconds since 1970 of what `isTime`; a leap second is the one before it. NaN for other texts. */
export const timeOf = (text: string): number => Date.parse(text.toUpperCase().replace(':60', ':59'));

function daysOf(date: string): number {
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return monthsOf30.includes(month) ? 30 : 31;
}
