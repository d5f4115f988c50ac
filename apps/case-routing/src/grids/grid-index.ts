import Flatbush from 'flatbush';
import pointInPolygon from 'point-in-polygon-hao';

type Ring = number[][];
/** A polygon as GeoJSON gives it: outer ring first, then its holes; longitude before latitude. */
type Rings = Ring[];
/** One cell as the registry gives it. */
export type Cell = { cellId: string; geometry: { type: string; coordinates: unknown } };
/** WGS 84, degrees. */
export type Point = { latitude: number; longitude: number };

type Part = { cellId: string; rings: Rings };

/**
 * Answers in which cell of one grid a point lies.
 *
 * Shape: built once from the grid's active cells, never changed. A point in a hole is outside; a point on a border
 * belongs to the cell; where cells touch or overlap, the smallest `cellId` wins, so that the answer never depends on
 * the order in which cells arrived. A ring that is not closed is closed. Parts that are no polygon are left out; cells
 * without any are counted in `broken`.
 */
export class GridIndex {
  readonly broken: number;
  private readonly parts: Part[];
  private readonly boxes: Flatbush | undefined;

  constructor(cells: readonly Cell[]) {
    const found = cells.map((cell) => partsOf(cell));
    this.broken = found.filter((parts) => parts.length === 0).length;
    this.parts = found.flat().sort((a, b) => (a.cellId < b.cellId ? -1 : a.cellId > b.cellId ? 1 : 0));
    if (this.parts.length === 0) return;
    this.boxes = new Flatbush(this.parts.length);
    for (const part of this.parts) this.boxes.add(...boxOf(part.rings));
    this.boxes.finish();
  }

  /** The cell that holds the point, or undefined when it is outside every cell. */
  locate({ latitude, longitude }: Point): string | undefined {
    const point = [longitude, latitude];
    const candidates = this.boxes?.search(longitude, latitude, longitude, latitude) ?? [];
    for (const index of candidates.sort((a, b) => a - b)) {
      const part = this.parts[index];
      // 0 means on an edge, and an edge belongs to its cell.
      if (part && pointInPolygon(point, part.rings) !== false) return part.cellId;
    }
    return undefined;
  }
}

function partsOf({ cellId, geometry: { type, coordinates } }: Cell): Part[] {
  const polygons = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? coordinates : undefined;
  if (!Array.isArray(polygons)) return [];
  return polygons.flatMap((rings: unknown) => (isRings(rings) ? [{ cellId, rings: rings.map(closed) }] : []));
}

const isRings = (value: unknown): value is Rings =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((ring) => Array.isArray(ring) && ring.length >= 3 && ring.every(isPosition));

// Real grids hold rings whose last position only nearly is the first; the polygon test throws on them.
function closed(ring: Ring): Ring {
  const [first = [], last = []] = [ring[0], ring.at(-1)];
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}

const isPosition = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1]);

// Of all rings: some published grids do not name the outer one first, and the even-odd rule does not care.
function boxOf(rings: Rings): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x = 0, y = 0] of rings.flat()) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}
