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

/** A key found in a record as text; undefined unless it is a non-empty string, a number or a boolean. */
export function keyAt(root: unknown, pointer: string): string | undefined {
  const value = valueAt(root, pointer);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
