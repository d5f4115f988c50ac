import { type DeliveredEvent, leadsOn, stepsOf } from '@govbus/contracts';
import type { ExportFormat } from './export-job.entity';

export const mediaTypes: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
};

/**
 * The columns of a CSV file before those of the granted pointers, which begin with `/`. The type tells a record that was
 * removed from one that was shared.
 */
const ownColumns = ['position', 'time', 'type'];

export const columnsOf = (fields: readonly string[]): string[] => [...ownColumns, ...new Set(fields)];

/** What a file begins with. */
export function headOf(format: ExportFormat, fields: readonly string[]): string {
  return format === 'csv' ? csvLine(columnsOf(fields)) : '';
}

/** One record: in NDJSON its event as it is delivered elsewhere; in CSV the granted fields, one a column. */
export function lineOf(format: ExportFormat, fields: readonly string[], event: DeliveredEvent): string {
  if (format === 'ndjson') return `${JSON.stringify(event)}\n`;
  const shown = columnsOf(fields)
    .slice(ownColumns.length)
    .map((pointer) => shownAt(event.data, stepsOf(pointer)));
  return csvLine([event.id, event.time, event.type, ...shown]);
}

// RFC 4180, section 2: lines end with CRLF, quotes are doubled, and what holds a comma, quote or line break is quoted.
const csvLine = (values: unknown[]): string => `${values.map(cellOf).join(',')}\r\n`;

// A text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers are no formulas: -5 stays -5.
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return quoted(/^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value);
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean));
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// As the lens goes: a step that meets an array goes into each element, unless it counts one.
function shownAt(value: unknown, steps: string[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (leadsOn(value, step)) return shownAt(value[step], rest);
  return Array.isArray(value) ? value.map((item) => shownAt(item, steps) ?? null) : undefined;
}
