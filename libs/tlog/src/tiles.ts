/** Hashes in a full tile. Source: C2SP tlog-tiles. */
export const tileWidth = 256;
export type TileName = { level: number | 'entries'; index: number; width: number };

// Groups of three digits, all but the last with an x before: 1234067 is x001/x234/067.
function indexPath(index: number): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(String(rest % 1000).padStart(3, '0'));
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}
const partial = (width: number): string => (width === tileWidth ? '' : `.p/${width}`);

/** `tile/<level>/<index>[.p/<width>]` of a tile of hashes. */
export const tilePath = (level: number, index: number, width = tileWidth): string =>
  `tile/${level}/${indexPath(index)}${partial(width)}`;
/** `tile/entries/<index>[.p/<width>]` of a bundle of entries. */
export const entriesPath = (index: number, width = tileWidth): string =>
  `tile/entries/${indexPath(index)}${partial(width)}`;

/** The tile that a path names; undefined when it names none. */
export function parseTilePath(path: string): TileName | undefined {
  const match = /^tile\/(entries|[0-9]|[1-5]\d|6[0-3])\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  const [, level, groups, width] = match ?? [];
  if (level === undefined || groups === undefined) return undefined;
  if (groups.startsWith('x000/') || Number(width ?? 1) >= tileWidth) return undefined;
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  if (!Number.isSafeInteger(index)) return undefined;
  return { level: level === 'entries' ? level : Number(level), index, width: Number(width ?? tileWidth) };
}

/** Entries one after the other, each after its length as 16 bits, big-endian. */
export function encodeBundle(entries: Buffer[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > 65_535) throw new RangeError('an entry has at most 65535 bytes');
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

/** The entries of a bundle. Errors: throws when the bundle is cut off. */
export function decodeBundle(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 + bundle.readUInt16BE(at);
    if (end > bundle.length) throw new RangeError('the bundle is cut off');
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
