import { createHash } from 'node:crypto';
import { type Fault, Invalid, isSlug } from '@govbus/contracts';
import { type CellGeometry, readGeometry, type Report, reportInto } from './geojson.rules';

/** Most faults that one answer lists. */
export const maxFaults = 100;
/** Most bytes of a cell's names and geometry as JSON: each travels as one message. */
export const maxCellBytes = 512 * 1024;

export type ImportedCell = { cellId: string; names: Record<string, string>; geometry: CellGeometry; digest: string };
type Draft = { cellId?: string; name?: string; names?: Record<string, string>; geometry?: CellGeometry };

/**
 * The cells of a GeoJSON FeatureCollection, in its order.
 *
 * Shape: the id is `properties.cellId`, else made from `properties.name` (`-2`, `-3` … when it is taken); the names are
 *   `properties.names`, else `{ en: name }`.
 * Errors: `Invalid` `grid.invalid`, each fault pointing at its feature (`/features/3/…`), the first `maxFaults` of them.
 * Source: RFC 7946.
 */
export function readCells(input: unknown): ImportedCell[] {
  const faults: Fault[] = [];
  const report = reportInto(faults, maxFaults);
  const features = readFeatures(input, report);
  const drafts = features.map((feature, i) => readFeature(feature, `/features/${i}`, report));
  const ids = giveIds(drafts, report);
  const cells = drafts.flatMap(({ geometry, names, name }, i): ImportedCell[] => {
    const cellId = ids[i];
    if (cellId === undefined || !geometry) return [];
    const known = names ?? { en: name ?? cellId };
    const content = JSON.stringify([Object.entries(known).sort(byTag), geometry.type, geometry.coordinates]);
    if (Buffer.byteLength(content) > maxCellBytes)
      report(`/features/${i}/geometry`, 'geometry.too-large', `must not be larger than ${maxCellBytes} bytes`);
    return [{ cellId, names: known, geometry, digest: createHash('sha256').update(content).digest('hex') }];
  });
  if (faults.length > 0) throw new Invalid('grid.invalid', 'the grid cannot be imported', { faults });
  return cells;
}

export type StoredCell = { cellId: string; digest: string; status: 'active' | 'retired'; version: number };
export type GridImport = {
  changed: (ImportedCell & { version: number })[];
  retired: { cellId: string; version: number }[];
  unchanged: number;
};

/** What an import does to the stored cells: only what differs gets a new version, and what is missing is retired. */
export function compareCells(stored: StoredCell[], imported: ImportedCell[]): GridImport {
  const before = new Map(stored.map((cell) => [cell.cellId, cell]));
  const kept = new Set(imported.map(({ cellId }) => cellId));
  const changed = imported.flatMap((cell) => {
    const old = before.get(cell.cellId);
    if (old?.status === 'active' && old.digest === cell.digest) return [];
    return [{ ...cell, version: (old?.version ?? 0) + 1 }];
  });
  const retired = stored
    .filter(({ cellId, status }) => status === 'active' && !kept.has(cellId))
    .map(({ cellId, version }) => ({ cellId, version: version + 1 }));
  return { changed, retired, unchanged: imported.length - changed.length };
}

function readFeatures(input: unknown, report: Report): unknown[] {
  const { type, features, crs } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  if (type !== 'FeatureCollection' || !Array.isArray(features)) {
    report('/features', 'grid.not-a-collection', 'the body must be a GeoJSON FeatureCollection');
    return [];
  }
  // An empty grid would retire every cell: too likely a mistake.
  if (features.length === 0) report('/features', 'grid.empty', 'must hold at least one feature');
  if (crs !== undefined && !/CRS84|4326/.test(JSON.stringify(crs)))
    report('/crs', 'crs.unsupported', 'must be WGS 84; GeoJSON knows no other reference system');
  return features;
}

function readFeature(feature: unknown, pointer: string, report: Report): Draft {
  const { type, properties, geometry } = (typeof feature === 'object' && feature !== null ? feature : {}) as Record<
    string,
    unknown
  >;
  if (type !== 'Feature') return report(pointer, 'feature.malformed', 'must be a GeoJSON Feature') ?? {};
  const { cellId, name, names } = (typeof properties === 'object' && properties !== null ? properties : {}) as Record<
    string,
    unknown
  >;
  const at = `${pointer}/properties`;
  if (cellId !== undefined && !isSlug(cellId))
    report(`${at}/cellId`, 'cell-id.malformed', 'must be 2 to 63 lower-case letters, digits and hyphens');
  if (name !== undefined && name !== null && (typeof name !== 'string' || name.length > 200))
    report(`${at}/name`, 'name.malformed', 'must be a text of at most 200 characters');
  if (names !== undefined && !areNames(names))
    report(`${at}/names`, 'names.malformed', 'must be names by language tag, such as {"en": "Old Town"}');
  return {
    ...(isSlug(cellId) && { cellId }),
    ...(typeof name === 'string' && name !== '' && { name }),
    ...(areNames(names) && { names }),
    geometry: readGeometry(geometry, `${pointer}/geometry`, report),
  };
}

// Ids that were given come first, so that a made one never takes them.
function giveIds(drafts: Draft[], report: Report): (string | undefined)[] {
  const taken = new Set<string>();
  // Where the search for a free number begins: thousands may have one name.
  const next = new Map<string, number>();
  for (const [i, { cellId }] of drafts.entries()) {
    if (cellId === undefined) continue;
    if (taken.has(cellId))
      report(`/features/${i}/properties/cellId`, 'cell-id.duplicate', 'is the id of an earlier feature too');
    taken.add(cellId);
  }
  return drafts.map(({ cellId, name, geometry }, i) => {
    if (cellId !== undefined) return cellId;
    const base = slugOf(name ?? '');
    if (base === undefined) {
      // What is broken otherwise has been reported already.
      if (geometry)
        report(`/features/${i}/properties`, 'cell-id.missing', 'must have `cellId`, or a `name` in Latin letters');
      return undefined;
    }
    let id = base;
    let n = next.get(base) ?? 2;
    while (taken.has(id)) id = `${base}-${n++}`;
    next.set(base, n);
    taken.add(id);
    return id;
  });
}

/** A slug made from a name: `Old Town, East` gives `old-town-east`; undefined when too little is left. */
export function slugOf(name: string): string | undefined {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 56)
    .replace(/^-+|-+$/g, '');
  return isSlug(slug) ? slug : undefined;
}

const byTag = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);

const areNames = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(
    ([tag, name]) => /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(tag) && typeof name === 'string' && name.length <= 200,
  );
