import { type Fault, isPointer, type RowFilter } from '@govbus/contracts';
import { compilePointer } from './pointer';

type Test = (data: unknown) => boolean;

/** The condition as one function, made of closures; a missing value is null. */
export function compileFilter(filter: RowFilter): Test {
  if ('equals' in filter) {
    const { field, value } = filter.equals;
    const at = compilePointer(field);
    return (data) => (at(data) ?? null) === value;
  }
  if ('in' in filter) {
    const at = compilePointer(filter.in.field);
    const values = new Set<unknown>(filter.in.values);
    return (data) => values.has(at(data) ?? null);
  }
  if ('prefix' in filter) {
    const { field, value } = filter.prefix;
    const at = compilePointer(field);
    return (data) => {
      const text = at(data);
      return typeof text === 'string' && text.startsWith(value);
    };
  }
  if ('all' in filter) {
    const tests = filter.all.map(compileFilter);
    return (data) => tests.every((test) => test(data));
  }
  if ('any' in filter) {
    const tests = filter.any.map(compileFilter);
    return (data) => tests.some((test) => test(data));
  }
  const test = compileFilter(filter.not);
  return (data) => !test(data);
}

const maxDepth = 8;
const isConstant = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** What is wrong with a row filter of unknown shape: pointer and rule, never a value. */
export function checkFilter(filter: unknown, pointer: string, depth = 1): Fault[] {
  const fault = (at: string, code: string, detail: string): Fault[] => [{ pointer: at, code, detail }];
  if (depth > maxDepth) return fault(pointer, 'row-filter.too-deep', `at most ${maxDepth} levels`);
  const entries = typeof filter === 'object' && filter !== null ? Object.entries(filter as object) : [];
  const [entry] = entries;
  if (!entry || entries.length !== 1)
    return fault(pointer, 'row-filter.shape', 'must have exactly one of equals, in, prefix, all, any, not');
  const [kind, value] = entry as [string, unknown];
  const at = `${pointer}/${kind}`;
  if (kind === 'not') return checkFilter(value, at, depth + 1);
  if (kind === 'all' || kind === 'any') {
    if (!Array.isArray(value) || value.length === 0 || value.length > 100)
      return fault(at, 'row-filter.shape', 'must list 1 to 100 conditions');
    return value.flatMap((part, i) => checkFilter(part, `${at}/${i}`, depth + 1));
  }
  const leaf = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (!isPointer(leaf.field)) return fault(`${at}/field`, 'row-filter.field', 'must be a JSON pointer');
  if (kind === 'equals' && isConstant(leaf.value)) return [];
  if (kind === 'prefix' && typeof leaf.value === 'string' && leaf.value !== '') return [];
  if (kind === 'in' && Array.isArray(leaf.values) && leaf.values.length > 0 && leaf.values.length <= 1000)
    if (leaf.values.every(isConstant)) return [];
  return fault(at, 'row-filter.shape', 'is not a condition of this language');
}

/** The fields that a sound filter looks at. */
export function fieldsOf(filter: RowFilter): string[] {
  if ('all' in filter) return filter.all.flatMap(fieldsOf);
  if ('any' in filter) return filter.any.flatMap(fieldsOf);
  if ('not' in filter) return fieldsOf(filter.not);
  return Object.values(filter).map(({ field }: { field: string }) => field);
}
