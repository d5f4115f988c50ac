/** The value at an RFC 6901 pointer below `root`; undefined when it is not there. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value: unknown = root;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** A record with nothing but the value at `pointer`; empty when there is none. Elements of arrays before it are null. */
export function onlyAt(root: unknown, pointer: string): unknown {
  const copy = (value: unknown, tokens: string[]): unknown => {
    const [token, ...rest] = tokens;
    if (token === undefined) return value;
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    const inner = copy((value as Record<string, unknown>)[name], rest);
    if (inner === undefined) return undefined;
    return Array.isArray(value)
      ? [...Array<null>(Number(name)).fill(null), inner]
      : Object.fromEntries([[name, inner]]);
  };
  return copy(root, pointer.split('/').slice(1)) ?? {};
}

/** A key found in a record as text; undefined unless it is a non-empty string, a number or a boolean. */
export function keyAt(root: unknown, pointer: string): string | undefined {
  const value = valueAt(root, pointer);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
