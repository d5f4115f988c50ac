import { asStep, type Fault, Invalid } from '@govbus/contracts';
import { LRUCache } from 'lru-cache';
import { CesqlFault, compileCesql } from './cesql.rules';

type Attributes = { [attribute: string]: string };
/**
 * A condition over a delivered event.
 *
 * Source: CloudEvents Subscriptions 0.1-wip, dialects `exact`, `prefix`, `suffix`, `all`, `any`, `not`, `sql`.
 */
export type EventFilter =
  | { exact: Attributes }
  | { prefix: Attributes }
  | { suffix: Attributes }
  | { all: EventFilter[] }
  | { any: EventFilter[] }
  | { not: EventFilter }
  | { sql: string };

const maxFilters = 100;
const maxDepth = 8;
/** Characters of all expressions together, of which each may be asked of each event. */
const maxExpressions = 4_000;
const maxValueLength = 1_000;
/** Characters of all names, values and expressions together: a page of a list holds the filters of hundreds. */
const maxCharacters = 16_000;
const compares = {
  exact: (found: string, wanted: string): boolean => found === wanted,
  prefix: (found: string, wanted: string): boolean => found.startsWith(wanted),
  suffix: (found: string, wanted: string): boolean => found.endsWith(wanted),
};

/**
 * The filters of a request, in their own order.
 *
 * Errors: `Invalid` `filter.invalid` with a pointer below `pointer`: an unknown dialect, a bad shape, more than 100
 *   filters in all (of which each further attribute is one), more than 8 levels, expressions of more than 4,000
 *   characters together, or names, values and expressions of more than 16,000.
 */
export function readFilters(value: unknown, pointer: string): EventFilter[] {
  let count = 0;
  let characters = 0;
  let ofExpressions = 0;
  const add = (length: number, at: string): void => {
    characters += length;
    if (characters > maxCharacters)
      throw fault(at, 'filters.size', 'makes the names, values and expressions longer than 16,000 characters together');
  };
  const expression = (given: unknown, at: string): string => {
    const found = expressionOf(given, at);
    ofExpressions += found.length;
    if (ofExpressions > maxExpressions)
      throw fault(at, 'filters.size', 'makes the expressions longer than 4,000 characters together');
    add(found.length, at);
    return found;
  };
  const attributes = (given: unknown, at: string): Attributes => {
    const found = attributesOf(given, at);
    const entries = Object.entries(found);
    // The filter was counted with its first attribute.
    count += entries.length - 1;
    if (count > maxFilters) throw fault(at, 'filters.size', 'has too many attributes');
    for (const [name, wanted] of entries) add(name.length + wanted.length, at);
    return found;
  };
  const read = (given: unknown, at: string, depth: number): EventFilter => {
    count += 1;
    if (count > maxFilters || depth > maxDepth) throw fault(at, 'filters.size', 'has too many filters or levels');
    const [first, ...others] = isObject(given) ? Object.entries(given) : [];
    if (!first || others.length > 0) throw fault(at, 'filters.shape', 'must be an object with one dialect');
    const [dialect, body] = first;
    const below = `${at}/${asStep(dialect)}`;
    if (dialect === 'exact') return { exact: attributes(body, below) };
    if (dialect === 'prefix') return { prefix: attributes(body, below) };
    if (dialect === 'suffix') return { suffix: attributes(body, below) };
    if (dialect === 'not') return { not: read(body, below, depth + 1) };
    // Some brokers know `sql` by the name of its language.
    if (dialect === 'sql' || dialect === 'cesql') return { sql: expression(body, below) };
    if (dialect !== 'all' && dialect !== 'any') throw fault(below, 'filters.dialect', 'is no dialect known here');
    if (!Array.isArray(body) || body.length === 0) throw fault(below, 'filters.shape', 'must be a list of filters');
    const inner = body.map((one: unknown, i) => read(one, `${below}/${i}`, depth + 1));
    return dialect === 'all' ? { all: inner } : { any: inner };
  };
  if (!Array.isArray(value)) throw fault(pointer, 'filters.shape', 'must be a list of filters');
  return value.map((one: unknown, i) => read(one, `${pointer}/${i}`, 1));
}

function attributesOf(value: unknown, pointer: string): Attributes {
  const entries = isObject(value) ? Object.entries(value) : [];
  if (entries.length === 0) throw fault(pointer, 'filters.shape', 'must be an object with attributes');
  return Object.fromEntries(
    entries.map(([name, wanted]) => {
      if (name !== '' && typeof wanted === 'string' && wanted !== '' && wanted.length <= maxValueLength)
        return [name.toLowerCase(), wanted];
      throw fault(
        pointer,
        'filters.shape',
        'must hold names and texts that are not empty, of 1,000 characters at most',
      );
    }),
  );
}

const expressions = new LRUCache<string, ReturnType<typeof compileCesql>>({ max: 1_000 });

/** An expression, compiled once while it is in use. */
function compiled(expression: string): ReturnType<typeof compileCesql> {
  const known = expressions.get(expression) ?? compileCesql(expression);
  expressions.set(expression, known);
  return known;
}

function expressionOf(value: unknown, pointer: string): string {
  if (typeof value !== 'string') throw fault(pointer, 'filters.shape', 'must be a text');
  try {
    compileCesql(value);
    return value;
  } catch (error) {
    if (error instanceof CesqlFault) throw fault(pointer, 'filters.expression', error.message);
    throw error;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fault(pointer: string, code: string, detail: string): Invalid {
  const faults: Fault[] = [{ pointer, code, detail }];
  return new Invalid('filter.invalid', 'a filter is not one that the bus knows', { faults });
}

/**
 * What filters may see of a delivered event: the attributes of the bus's own envelope, and the top-level scalar fields
 * of its data as the lens left them, under their names in lower case. An attribute goes before a field of its name.
 */
export function visibleTo(event: object): Map<string, string> {
  const { data, ...attributes } = event as { data?: unknown };
  const visible = new Map<string, string>();
  for (const source of [isObject(data) ? data : {}, attributes])
    for (const [name, value] of Object.entries(source))
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
        visible.set(name.toLowerCase(), String(value));
  return visible;
}

/** Whether all filters hold; none at all hold. */
export const passes = (filters: readonly EventFilter[], visible: Map<string, string>): boolean =>
  filters.every((filter) => holds(filter, visible));

function holds(filter: EventFilter, visible: Map<string, string>): boolean {
  if ('all' in filter) return filter.all.every((one) => holds(one, visible));
  if ('any' in filter) return filter.any.some((one) => holds(one, visible));
  if ('not' in filter) return !holds(filter.not, visible);
  if ('sql' in filter) return compiled(filter.sql)(visible);
  if ('exact' in filter) return every(filter.exact, visible, compares.exact);
  if ('prefix' in filter) return every(filter.prefix, visible, compares.prefix);
  return every(filter.suffix, visible, compares.suffix);
}

function every(wanted: Attributes, visible: Map<string, string>, compare: (a: string, b: string) => boolean): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const found = visible.get(name);
    return found !== undefined && compare(found, value);
  });
}
