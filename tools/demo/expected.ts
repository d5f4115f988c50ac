// What must come out, counted from the file alone: none of govbus's own code takes part.
import { type Cell, type City, columns, type Ring, type Row } from './source.ts';

export type Expected = {
  rows: number;
  accepted: Row[];
  refused: Row[];
  /** Unique keys of accepted rows by the names of the neighbourhoods that hold them; more than one on a shared border. */
  neighbourhoods: Map<string, string[]>;
  /** Unique keys of accepted rows that lie in no neighbourhood. */
  unlocated: Set<string>;
};

export function expect(city: City): Expected {
  const accepted = city.rows.filter((row) => city.boroughs.includes(row[columns.borough] ?? ''));
  const refused = city.rows.filter((row) => !accepted.includes(row));
  const neighbourhoods = new Map<string, string[]>();
  const unlocated = new Set<string>();
  for (const row of accepted) {
    const id = row[columns.id] ?? '';
    const found = neighbourhoodsOf(row, city.cells);
    if (found.length > 0) neighbourhoods.set(id, found);
    else unlocated.add(id);
  }
  return { rows: city.rows.length, accepted, refused, neighbourhoods, unlocated };
}

function neighbourhoodsOf(row: Row, cells: Cell[]): string[] {
  const [longitude, latitude] = [row[columns.longitude], row[columns.latitude]];
  if (!longitude || !latitude) return [];
  const point: [number, number] = [Number(longitude), Number(latitude)];
  return cells.filter(({ polygons }) => polygons.some((rings) => isInside(point, rings))).map(({ name }) => name);
}

// Within an odd number of rings: so a hole is outside, whichever ring comes first.
const isInside = (point: [number, number], rings: Ring[]): boolean =>
  rings.filter((ring) => crosses(point, ring)).length % 2 === 1;

// Even-odd rule by a ray to the east.
function crosses([x, y]: [number, number], ring: Ring): boolean {
  let isIn = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[x1, y1], [x2, y2]] = [ring[i] ?? [0, 0], ring[j] ?? [0, 0]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isIn = !isIn;
  }
  return isIn;
}
