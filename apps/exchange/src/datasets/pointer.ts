const maxKnown = 10_000;
const known = new Map<string, string[]>();

/** The tokens of a pointer, taken apart once: the same few are asked of every record. */
function tokensOf(pointer: string): string[] {
  const found = known.get(pointer);
  if (found) return found;
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (known.size >= maxKnown) known.clear();
  known.set(pointer, tokens);
  return tokens;
}

/** The value at an RFC 6901 pointer below `root`; undefined when it is not there. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value: unknown = root;
  for (const name of tokensOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** A record with nothing but the value at `pointer`; empty when there is none. Elements of arrays before it are null. */
export function onlyAt(root: unknown, pointer: string): unknown {
  const copy = (value: unknown, tokens: string[]): unknown => {
    const [name, ...rest] = tokens;
    if (name === undefined) return value;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    const inner = copy((value as Record<string, unknown>)[name], rest);
    if (inner === undefined) return undefined;
    return Array.isArray(value)
      ? [...Array<null>(Number(name)).fill(null), inner]
      : Object.fromEntries([[name, inner]]);
  };
  return copy(root, tokensOf(pointer)) ?? {};
}

/** A key found in a record as text; undefined unless it is a non-empty string, a number or a boolean. */
export function keyAt(root: unknown, pointer: string): string | undefined {
  const value = valueAt(root, pointer);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
