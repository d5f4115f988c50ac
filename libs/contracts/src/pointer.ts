// JSON pointers (RFC 6901) as contracts name fields with them. Imports nothing: the command line tool starts with it.

/** The text of a JSON pointer below the root. */
export const pointerPattern = /^(\/([^~/]|~[01])*)+$/;
/** Whether a value is a JSON pointer below the root. Source: RFC 6901, section 3. */
export const isPointer = (value: unknown): value is string => typeof value === 'string' && pointerPattern.test(value);

/** The steps of a JSON pointer, unescaped; none for that of the root. Source: RFC 6901, section 4. */
export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A name as a step is written in a JSON pointer. Source: RFC 6901, section 3. */
export const asStep = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * Whether a step leads on from a JSON value: it is a member of an object or counts an element of an array.
 *
 * Shape: nothing inherited; of an array neither its length nor `-`, `01` and what else is no index.
 * Source: RFC 6901, section 4.
 */
export const leadsOn = (value: unknown, step: string): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  Object.hasOwn(value, step) &&
  // Of the own properties of a parsed array the only one that is no element.
  !(step === 'length' && Array.isArray(value));

/**
 * The value to which steps lead from a JSON value; undefined where there is none.
 *
 * Shape: takes steps, so that whoever reads many records takes their pointer apart once.
 */
export function valueAt(data: unknown, steps: readonly string[]): unknown {
  let value = data;
  for (const step of steps) {
    if (!leadsOn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

/** Whether `pointer` is `above` or lies below it; a place has one text alone. */
export const isWithin = (pointer: string, above: string): boolean =>
  pointer === above || pointer.startsWith(`${above}/`);

/** A pointer without the steps that count elements: what holds of `/people/phone` holds of `/people/0/phone`. */
export const uncounted = (pointer: string): string => pointer.replaceAll(/\/\d+(?=\/|$)/g, '');
