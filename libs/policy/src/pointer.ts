/** The steps of a JSON pointer, unescaped. Source: RFC 6901, section 4. */
export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A function that takes the value at a JSON pointer; undefined where there is none. */
export function compilePointer(pointer: string): (data: unknown) => unknown {
  const steps = stepsOf(pointer);
  return (data) => {
    let value = data;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Record<string, unknown>)[step];
    }
    return value;
  };
}

/** Whether `pointer` is `above` or lies below it. */
export const isWithin = (pointer: string, above: string): boolean =>
  pointer === above || pointer.startsWith(`${above}/`);
