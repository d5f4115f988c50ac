import { type CaseMappingV1, stepsOf, valueAt } from '@govbus/contracts';

/** What an event of a case dataset says about its case; text is bounded and free of characters no database takes. */
export type CaseReport = {
  category: string;
  recordKey?: string;
  latitude?: number;
  longitude?: number;
  occurredAt?: Date;
  summary?: string;
};

/** Category of a case whose event names none, or whose agreement does not grant it. */
export const noCategory = 'uncategorised';
const maxCategory = 200;
const maxKey = 200;
const maxSummary = 2000;

/**
 * The case that a delivered record reports.
 *
 * Shape: never throws, whatever the record holds: a wrong value is an absent one, so that one odd record never holds up
 * those behind it. Coordinates are both there and in range, or both absent.
 */
export function readReport(data: unknown, mapping: CaseMappingV1, keyPointer: string): CaseReport {
  const at = (pointer: string | undefined): unknown =>
    pointer === undefined ? undefined : valueAt(data, stepsOf(pointer));
  const latitude = numberOf(at(mapping.latitude), 90);
  const longitude = numberOf(at(mapping.longitude), 180);
  const isLocatable = latitude !== undefined && longitude !== undefined;
  return {
    category: textOf(at(mapping.category), maxCategory) ?? noCategory,
    recordKey: textOf(at(keyPointer), maxKey),
    ...(isLocatable && { latitude, longitude }),
    occurredAt: timeOf(at(mapping.occurredAt)),
    summary: textOf(at(mapping.summary), maxSummary),
  };
}

function numberOf(value: unknown, limit: number): number | undefined {
  const isNumeric = typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value);
  const number = isNumeric ? Number(value) : value;
  return typeof number === 'number' && Math.abs(number) <= limit ? number : undefined;
}

function textOf(value: unknown, maxCharacters: number): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  // PostgreSQL takes no NUL in text and no lone surrogate in JSON.
  const clean = String(value)
    .replaceAll('\0', '')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .trim();
  return clean === ''
    ? undefined
    : Array.from(clean.slice(0, 2 * maxCharacters))
        .slice(0, maxCharacters)
        .join('');
}

// A time without an offset is taken as UTC: the bus carries UTC, and the machine's zone must not decide.
function timeOf(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(
    value.trim(),
  );
  if (!match) return undefined;
  const [, day, time = '00:00', offset = 'Z'] = match;
  const date = new Date(`${day}T${time}${offset.toUpperCase()}`);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 ? undefined : date;
}
