import { readFileSync } from 'node:fs';
import { CliError, codeOf } from '../cli-error';

export const cellTypes = ['text', 'number', 'integer', 'boolean', 'time'] as const;
export type CellType = (typeof cellTypes)[number];
export type TimeCell = { column: string; format?: string; zone?: string };
export type Cell = TimeCell & { type: CellType };

/** How a row becomes a CloudEvent; see the README. `source` and `id` are templates with `{Column}` in them. */
export type RowMap = {
  dataset: string;
  type: string;
  source: string;
  id: string;
  time?: TimeCell;
  /** Only rows with one of these values in the column. */
  where: Record<string, string[]>;
  /** By JSON pointer into `data`. */
  data: Record<string, Cell>;
};

/**
 * The map in a JSON file.
 *
 * Errors: `CliError` that names every part which is wrong.
 */
export function readMap(path: string, dataset?: string): RowMap {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : codeOf(error) ? 'cannot be read' : 'is not JSON';
    throw new CliError(`the map ${path} ${why}`, 'see `govbus publish --help` for an example');
  }
  const wrong: string[] = [];
  const map = mapIn(isRecord(content) ? { ...content, ...(dataset && { dataset }) } : {}, wrong);
  if (wrong.length > 0)
    throw new CliError(`the map ${path} is wrong: ${wrong.join(', ')}`, 'see `govbus publish --help` for an example');
  return map;
}

const members = ['dataset', 'type', 'source', 'id', 'time', 'where', 'data'];

function mapIn(content: Record<string, unknown>, wrong: string[]): RowMap {
  const text = (name: string): string => {
    const value = content[name];
    if (typeof value === 'string' && value !== '') return value;
    wrong.push(`\`${name}\` must be a text`);
    return '';
  };
  for (const name of Object.keys(content)) if (!members.includes(name)) wrong.push(`\`${name}\` is no part of a map`);
  const time = content.time === undefined ? undefined : cellIn(content.time, '`time`', 'time', wrong);
  return {
    dataset: text('dataset'),
    type: text('type'),
    source: text('source'),
    id: text('id'),
    ...(time && { time }),
    where: whereIn(content.where ?? {}, wrong),
    data: dataIn(content.data, wrong),
  };
}

function whereIn(value: unknown, wrong: string[]): RowMap['where'] {
  const where: RowMap['where'] = {};
  if (!isRecord(value)) wrong.push('`where` must be an object of columns and values');
  else
    for (const [column, wanted] of Object.entries(value)) {
      const values: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
      const texts = values.filter((one) => typeof one === 'string');
      if (texts.length === 0 || texts.length < values.length)
        wrong.push(`\`where\` must give a text, or a list of them, for ${quoted(column)}`);
      where[column] = texts;
    }
  return where;
}

function dataIn(value: unknown, wrong: string[]): RowMap['data'] {
  const data: RowMap['data'] = {};
  if (!isRecord(value) || Object.keys(value).length === 0) {
    wrong.push('`data` must be an object of JSON pointers and columns');
    return data;
  }
  const pointers = Object.keys(value);
  for (const [pointer, cell] of Object.entries(value)) {
    if (!/^(\/([^~/]|~[01])+)+$/.test(pointer) || pointer.split('/').includes('__proto__'))
      wrong.push(`${quoted(pointer)} is not a JSON pointer such as /address/street`);
    const inside = pointers.find((other) => other.startsWith(`${pointer}/`));
    if (inside) wrong.push(`${quoted(pointer)} cannot be a value and hold ${quoted(inside)}`);
    data[pointer] = cellIn(cell, quoted(pointer), 'text', wrong);
  }
  return data;
}

function cellIn(value: unknown, name: string, usual: CellType, wrong: string[]): Cell {
  if (typeof value === 'string') return { column: value, type: usual };
  const { column, type = usual, format, zone, ...rest } = isRecord(value) ? value : {};
  const known = cellTypes.find((one) => one === type);
  const isText = (one: unknown): one is string | undefined => one === undefined || typeof one === 'string';
  if (typeof column !== 'string') wrong.push(`${name} must be a column or an object with \`column\``);
  if (!known) wrong.push(`the \`type\` of ${name} must be one of ${cellTypes.join(', ')}`);
  if (!isText(format) || !isText(zone)) wrong.push(`\`format\` and \`zone\` of ${name} must be texts`);
  for (const more of Object.keys(rest)) wrong.push(`${name} has no part \`${more}\``);
  return {
    column: typeof column === 'string' ? column : '',
    type: known ?? usual,
    ...(typeof format === 'string' && { format }),
    ...(typeof zone === 'string' && { zone }),
  };
}

const quoted = (text: string): string => `\`${text}\``;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
