import {
  asStep,
  type Fault,
  Invalid,
  isPointer,
  isWithin,
  stepsOf,
  type TermsV1,
  uncounted,
  valueAt,
} from '@govbus/contracts';

export type Scalar = string | number | boolean | null;
/** A record is wanted whose value at `pointer` is `value`. */
export type Condition = { pointer: string; value: Scalar };
/** What is asked for: the record under a key, or those that meet all conditions. */
export type Question = { key: string } | { where: Condition[] };

const maxConditions = 10;
const maxTextLength = 1024;
const maxNameLength = 1024;
const maxSteps = 32;

/** The question in a request of unknown shape. Errors: `Invalid` `query.invalid`, with the places. */
export function readQuestion({ key, where }: { key?: string | null; where?: unknown }): Question {
  const hasKey = key !== undefined && key !== null;
  const hasWhere = where !== undefined && where !== null;
  if (hasKey === hasWhere)
    throw invalid([{ pointer: '', code: 'query.shape', detail: 'must have exactly one of `key` and `where`' }]);
  return hasKey ? { key } : { where: readConditions(where) };
}

function readConditions(where: unknown): Condition[] {
  const entries = typeof where === 'object' && where !== null && !Array.isArray(where) ? Object.entries(where) : [];
  if (entries.length === 0 || entries.length > maxConditions)
    throw invalid([
      { pointer: '/where', code: 'query.shape', detail: `must be an object with 1 to ${maxConditions} fields` },
    ]);
  const faults: Fault[] = [];
  const conditions = entries.flatMap(([pointer, value]: [string, unknown]) => {
    // A name can be as long as the request: one that is too long is not repeated.
    const at = pointer.length > maxNameLength ? '/where' : placeOf(pointer);
    if (!isFieldName(pointer))
      faults.push({
        pointer: at,
        code: 'query.field',
        detail: `must be named by a JSON pointer such as /name, of at most ${maxNameLength} characters and ${maxSteps} steps`,
      });
    else if (isScalar(value)) return [{ pointer, value }];
    else
      faults.push({
        pointer: at,
        code: 'query.value',
        detail: `must be a text of at most ${maxTextLength} characters, a number, a boolean or null`,
      });
    return [];
  });
  if (faults.length > 0) throw invalid(faults);
  return conditions;
}

/**
 * Refuses conditions on what the terms do not grant. A field that is not granted and one that does not exist are
 * refused alike. Errors: `Invalid` `query.field-not-granted`.
 */
export function requireGranted(conditions: Condition[], terms: TermsV1): void {
  const strange = conditions.filter(({ pointer }) => !terms.fields.some((granted) => isWithin(pointer, granted)));
  if (strange.length === 0) return;
  const faults = strange.map(({ pointer }) => {
    return { pointer: placeOf(pointer), code: 'query.field-not-granted', detail: 'is not a field that is granted' };
  });
  throw new Invalid('query.field-not-granted', 'the agreement grants no such field', { faults });
}

/**
 * Whether the terms show a field as it is. A key that they hide cannot be asked for: the answer would tell to which
 * hidden value a record belongs.
 */
export function isShownPlain(pointer: string, terms: TermsV1): boolean {
  // A mask on `/people/phone` covers `/people/0/phone`.
  const place = uncounted(pointer);
  const isGranted = terms.fields.some((granted) => isWithin(pointer, granted));
  const masks = terms.masks.map(({ field }) => uncounted(field));
  return isGranted && !masks.some((masked) => isWithin(place, masked) || isWithin(masked, place));
}

/**
 * Tells whether a record meets all conditions, asked of what the lens left of it: a masked field is compared as it is
 * shown, so that a query tells nothing that its answer would not. What is missing is null.
 *
 * Shape: made once for a query, so that its pointers are taken apart once and forgotten with it.
 */
export function compileConditions(conditions: Condition[]): (shown: unknown) => boolean {
  const compiled = conditions.map(({ pointer, value }) => ({ steps: stepsOf(pointer), value }));
  return (shown) => compiled.every(({ steps, value }) => (valueAt(shown, steps) ?? null) === value);
}

/** The value that conditions ask of a field, as text; undefined when they ask for none. */
export function askedOf(conditions: Condition[], pointer: string): string | undefined {
  const value = conditions.find((condition) => condition.pointer === pointer)?.value;
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

// The pattern comes last: it runs along the whole text, which can be as long as the request.
const isFieldName = (name: string): boolean =>
  name.length <= maxNameLength && stepsOf(name).length <= maxSteps && isPointer(name);

const isScalar = (value: unknown): value is Scalar =>
  value === null ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= maxTextLength);

const placeOf = (name: string): string => `/where/${asStep(name)}`;
const invalid = (faults: Fault[]): Invalid => new Invalid('query.invalid', 'the query breaks its rules', { faults });
