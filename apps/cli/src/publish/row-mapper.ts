import { stepsOf } from '@govbus/contracts/pointer';
import { CliError, messageOf } from '../cli-error';
import { type TimeReader, timeReader } from './local-time';
import type { Cell, CellType, RowMap } from './row-map';
import type { Row } from './csv-file';
import { notUtf8 } from './utf8';

/** A row that is not published: by us, or by the exchange. `pointer` is into the event. */
export type Refusal = { line: number; id: string; code: string; detail: string; pointer: string };
/** An event ready to be sent: `json` is its CloudEvent. */
export type PreparedEvent = { line: number; id: string; json: string };
/** What becomes of a row; `passed over` when the map's `where` does not ask for it. */
export type Mapped = { event: PreparedEvent } | { refusal: Refusal } | 'passed over';
export type RowMapper = (row: Row) => Mapped;

/** What is wrong with a cell; caught by the mapper. */
class CellFault extends Error {
  constructor(
    readonly code: string,
    detail: string,
    readonly pointer: string,
  ) {
    super(detail);
  }
}
type Cells = Row['cells'];
type Text = (cells: Cells) => string;

/**
 * The map compiled for a file with these columns.
 *
 * Errors: `CliError` naming every column that the file lacks or has twice, or the part of the map that cannot be used.
 */
export function rowMapper(map: RowMap, columns: string[], file: string): RowMapper {
  requireColumns(map, columns, file);
  const indexOf = (column: string): number => columns.indexOf(column);
  const id = template(map.id, '/id', indexOf, (value) => value);
  const source = template(map.source, '/source', indexOf, encodeURIComponent);
  const time = map.time && reader({ ...map.time, type: 'time' }, '/time', indexOf);
  const fields = Object.entries(map.data).map(([pointer, cell]) => ({
    path: stepsOf(pointer),
    read: reader(cell, `/data${pointer}`, indexOf),
  }));
  const wanted = Object.entries(map.where).map(([column, values]) => ({ at: indexOf(column), values }));
  const isWanted = (cells: Cells) => wanted.every(({ at, values }) => values.includes(cells[at]?.trim() ?? ''));
  const eventOf = (cells: Cells): { id: string; json: string } => {
    const data: Record<string, unknown> = {};
    for (const { path, read } of fields) put(data, path, read(cells));
    const at = time?.(cells);
    const event = { specversion: '1.0', id: id(cells), source: source(cells), type: map.type, dataset: map.dataset };
    return { id: event.id, json: JSON.stringify({ ...event, ...(at !== undefined && { time: at }), data }) };
  };
  return ({ line, cells }) => {
    try {
      requireWhole(cells, columns);
      if (!isWanted(cells)) return 'passed over';
      return { event: { line, ...eventOf(cells) } };
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      const { code, message: detail, pointer } = error;
      return { refusal: { line, id: idOrNone(id, cells), code, detail, pointer } };
    }
  };
}

function requireColumns(map: RowMap, columns: string[], file: string): void {
  const used = new Set([
    ...placeholders(map.source),
    ...placeholders(map.id),
    ...(map.time ? [map.time.column] : []),
    ...Object.keys(map.where),
    ...Object.values(map.data).map((cell) => cell.column),
  ]);
  const list = (names: string[]): string => names.map((name) => `\`${name}\``).join(', ');
  const unknown = [...used].filter((column) => !columns.includes(column));
  const twice = [...used].filter((column) => columns.indexOf(column) !== columns.lastIndexOf(column));
  const has =
    columns.length > 1 ? `it has ${list(columns.slice(0, 60))}` : 'it has one only: cells are parted by commas';
  if (columns.some((column) => column.includes(notUtf8)))
    throw new CliError(
      `${file}, line 1: the header is not UTF-8`,
      'save the file as UTF-8 and run the same command again',
    );
  if (unknown.length > 0)
    throw new CliError(`${file} has no column ${list(unknown)}, which the map names`, `correct the map; ${has}`);
  if (twice.length > 0)
    throw new CliError(`${file} has more than one column ${list(twice)}`, 'give each column a name of its own');
}

const placeholders = (text: string): string[] => [...text.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '');

function requireWhole(cells: Cells, columns: string[]): void {
  if (cells.length !== columns.length)
    throw new CellFault('row.columns', `has ${cells.length} cells where the header has ${columns.length}`, '');
  const bad = cells.findIndex((cell) => cell.includes(notUtf8));
  if (bad >= 0) throw new CellFault('row.encoding', `column \`${columns[bad] ?? ''}\` is not UTF-8`, '');
}

function template(
  text: string,
  pointer: string,
  indexOf: (column: string) => number,
  encode: (v: string) => string,
): Text {
  const parts = text.split(/\{([^{}]+)\}/).map((part, i) => ({ part, at: i % 2 === 1 ? indexOf(part) : -1 }));
  return (cells) =>
    parts
      .map(({ part, at }) => {
        if (at < 0) return part;
        const value = cells[at]?.trim() ?? '';
        if (value === '')
          throw new CellFault('row.empty', `column \`${part}\` is empty, and the event needs it`, pointer);
        return encode(value);
      })
      .join('');
}

function idOrNone(id: Text, cells: Cells): string {
  try {
    return id(cells);
  } catch {
    return '';
  }
}

type Value = string | number | boolean | undefined;

function reader(cell: Cell, pointer: string, indexOf: (column: string) => number): (cells: Cells) => Value {
  const at = indexOf(cell.column);
  const read = valueReader(cell);
  return (cells) => {
    const text = cells[at] ?? '';
    if (text.trim() === '') return undefined;
    const value = read(text);
    if (value === undefined)
      throw new CellFault('row.type', `column \`${cell.column}\` is not ${nouns[cell.type]}`, pointer);
    return value;
  };
}

const nouns: Record<CellType, string> = {
  text: 'a text',
  number: 'a number',
  integer: 'an integer',
  boolean: 'a boolean',
  time: 'a time as the map reads it',
};
const booleans = new Map<string, boolean>([
  ...['true', 'yes', 'y', 't', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'n', 'f', '0'].map((word) => [word, false] as const),
]);

function valueReader({ column, type, format, zone }: Cell): (text: string) => Value {
  switch (type) {
    case 'text':
      return (text) => text;
    case 'number':
      return (text) => numberIn(text.trim(), /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i);
    case 'integer':
      return (text) => numberIn(text.trim(), /^[+-]?\d+$/);
    case 'boolean':
      return (text) => booleans.get(text.trim().toLowerCase());
    case 'time': {
      const read = timeReaderOf(column, format, zone);
      return (text) => {
        const ms = read(text);
        return ms === undefined ? undefined : new Date(ms).toISOString();
      };
    }
    default:
      return type satisfies never;
  }
}

// Whole numbers beyond 2^53 would be rounded: the exchange takes them as texts only.
function numberIn(text: string, pattern: RegExp): number | undefined {
  const value = pattern.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? value : undefined;
}

function timeReaderOf(column: string, format?: string, zone?: string): TimeReader {
  try {
    return timeReader(format, zone);
  } catch (error) {
    throw new CliError(
      `the map cannot read the times of \`${column}\`: ${messageOf(error)}`,
      'correct its format or zone',
    );
  }
}

function put(data: Record<string, unknown>, path: string[], value: Value): void {
  if (value === undefined) return;
  let place = data;
  for (const segment of path.slice(0, -1)) {
    const inner = (place[segment] ??= {}) as Record<string, unknown>;
    place = inner;
  }
  const last = path.at(-1);
  if (last !== undefined) place[last] = value;
}
