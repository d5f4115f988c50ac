import type { Fault } from '@govbus/contracts';

export type Position = [longitude: number, latitude: number];
export type Ring = Position[];
/** GeoJSON geometry of a cell. Source: RFC 7946, sections 3.1.6 and 3.1.7. */
export type CellGeometry = { type: 'Polygon'; coordinates: Ring[] } | { type: 'MultiPolygon'; coordinates: Ring[][] };

/** Collects what is wrong with a feature; each reader returns undefined once it has reported. */
export type Report = (pointer: string, code: string, detail: string) => undefined;
/** A report into `faults`, which never grows above `most`. */
export const reportInto =
  (faults: Fault[], most: number): Report =>
  (pointer, code, detail) => {
    if (faults.length < most) faults.push({ pointer, code, detail });
    return undefined;
  };

/**
 * The polygon or multipolygon in `input`, with positions cut to longitude and latitude (heights are dropped).
 *
 * Shape: undefined when anything was reported. An open ring is closed. Self-intersection and winding are not looked at.
 */
export function readGeometry(input: unknown, pointer: string, report: Report): CellGeometry | undefined {
  if (typeof input !== 'object' || input === null)
    return report(pointer, 'geometry.missing', 'must be a Polygon or a MultiPolygon');
  const { type, coordinates } = input as { type?: unknown; coordinates?: unknown };
  const at = `${pointer}/coordinates`;
  if (type === 'Polygon') {
    const rings = readPolygon(coordinates, at, report);
    return rings && { type, coordinates: rings };
  }
  if (type !== 'MultiPolygon') return report(`${pointer}/type`, 'geometry.type', 'must be a Polygon or a MultiPolygon');
  const polygons = readAll(coordinates, at, report, 'polygons', readPolygon);
  return polygons && { type, coordinates: polygons };
}

const readPolygon = (input: unknown, pointer: string, report: Report): Ring[] | undefined =>
  readAll(input, pointer, report, 'rings', readRing);

function readRing(input: unknown, pointer: string, report: Report): Ring | undefined {
  const ring = readAll(input, pointer, report, 'positions', readPosition);
  if (!ring) return undefined;
  const closed = close(ring);
  if (closed.length < 4) return report(pointer, 'ring.too-short', 'must have at least three different positions');
  return closed;
}

// RFC 7946 wants the first position again at the end. Published grids of real cities forget it in some rings, and only
// one thing can be meant.
function close(ring: Ring): Ring {
  const [first, last] = [ring[0], ring.at(-1)];
  if (!first || !last || (first[0] === last[0] && first[1] === last[1])) return ring;
  return [...ring, first];
}

function readPosition(input: unknown, pointer: string, report: Report): Position | undefined {
  if (!Array.isArray(input) || input.length < 2 || input.length > 3 || !input.every(Number.isFinite))
    return report(pointer, 'position.malformed', 'must be [longitude, latitude] in numbers');
  const [longitude, latitude] = input as Position;
  if (Math.abs(longitude) > 180 || Math.abs(latitude) > 90)
    return report(pointer, 'position.out-of-range', 'must be longitude -180 to 180, then latitude -90 to 90 (WGS 84)');
  return [longitude, latitude];
}

function readAll<T>(
  input: unknown,
  pointer: string,
  report: Report,
  noun: string,
  read: (item: unknown, pointer: string, report: Report) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(input) || input.length === 0)
    return report(pointer, 'coordinates.malformed', `must be a list of ${noun}`);
  const items: T[] = [];
  for (const [i, item] of input.entries()) {
    const value = read(item, `${pointer}/${i}`, report);
    // One fault for each geometry is enough to find it.
    if (value === undefined) return undefined;
    items.push(value);
  }
  return items;
}
