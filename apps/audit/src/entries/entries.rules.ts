import { Invalid } from '@govbus/contracts';

const moment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * The moment that a filter names, as the database reads it: RFC 3339, or a day, which begins at midnight UTC.
 *
 * Errors: `Invalid` `search.time-invalid` for whatever machines read differently or not at all.
 */
export function momentOf(name: 'from' | 'to', text: string): string {
  const time = moment.test(text) ? Date.parse(text) : Number.NaN;
  const year = new Date(time).getUTCFullYear();
  // The calendar of the database has no year 0, and from 10000 on a year is written in a way that it does not read. An
  // offset can lead to both.
  if (Number.isNaN(time) || year < 1 || year > 9999)
    throw new Invalid('search.time-invalid', `\`${name}\` must be a time with its offset, or a day`);
  return new Date(time).toISOString();
}
