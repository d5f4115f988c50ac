import { randomOf } from '@govbus/testing';
import { GridIndex, type Cell } from './grid-index';

const square = (x: number, y: number, size: number): number[][] => [
  [x, y],
  [x + size, y],
  [x + size, y + size],
  [x, y + size],
  [x, y],
];
const polygon = (cellId: string, ...rings: number[][][]): Cell => ({
  cellId,
  geometry: { type: 'Polygon', coordinates: rings },
});
const at = (longitude: number, latitude: number) => ({ longitude, latitude });

// Even-odd rule over all rings, written down plainly.
function crosses(rings: number[][][], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings)
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi = 0, yi = 0] = ring[i] ?? [];
      const [xj = 0, yj = 0] = ring[j] ?? [];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  return inside;
}
function star(next: () => number): number[][] {
  const [x, y, corners] = [next() * 100 - 50, next() * 80 - 40, 3 + Math.floor(next() * 12)];
  const ring = Array.from({ length: corners }, (_, i) => {
    const [angle, radius] = [(2 * Math.PI * i) / corners, 1 + next() * 12];
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  return [...ring, [...(ring[0] ?? [])]];
}

describe('GridIndex', () => {
  it('locates nothing in an empty grid', () => {
    expect(new GridIndex([]).locate(at(0, 0))).toBeUndefined();
  });

  it('finds the cell, and nothing outside every cell', () => {
    const index = new GridIndex([polygon('west', square(0, 0, 10)), polygon('east', square(20, 0, 10))]);
    expect(index.locate(at(5, 5))).toBe('west');
    expect(index.locate(at(25, 5))).toBe('east');
    expect(index.locate(at(15, 5))).toBeUndefined();
  });

  it('leaves out a hole, and finds another cell inside it', () => {
    const ring = polygon('ring', square(0, 0, 10), square(3, 3, 4));
    expect(new GridIndex([ring]).locate(at(5, 5))).toBeUndefined();
    expect(new GridIndex([ring]).locate(at(1, 5))).toBe('ring');
    expect(new GridIndex([ring, polygon('yard', square(3, 3, 4))]).locate(at(5, 5))).toBe('yard');
  });

  it('knows every part of a multi-polygon', () => {
    const islands = { type: 'MultiPolygon', coordinates: [[square(0, 0, 1)], [square(5, 5, 1)]] };
    const index = new GridIndex([{ cellId: 'islands', geometry: islands }]);
    expect(index.locate(at(0.5, 0.5))).toBe('islands');
    expect(index.locate(at(5.5, 5.5))).toBe('islands');
    expect(index.locate(at(3, 3))).toBeUndefined();
  });

  it('gives a border to the smallest cell id, in whatever order the cells came', () => {
    const [a, b] = [polygon('a-cell', square(0, 0, 10)), polygon('b-cell', square(10, 0, 10))];
    expect(new GridIndex([a, b]).locate(at(10, 5))).toBe('a-cell');
    expect(new GridIndex([b, a]).locate(at(10, 5))).toBe('a-cell');
  });

  it('closes a ring whose end is not its beginning', () => {
    const index = new GridIndex([polygon('open', square(0, 0, 10).slice(0, -1))]);
    expect(index.broken).toBe(0);
    expect(index.locate(at(1, 5))).toBe('open');
    expect(index.locate(at(-1, 5))).toBeUndefined();
  });

  it('leaves out geometry that is no polygon and counts cells that have no other', () => {
    const index = new GridIndex([
      { cellId: 'line', geometry: { type: 'LineString', coordinates: square(0, 0, 10) } },
      { cellId: 'text', geometry: { type: 'Polygon', coordinates: 'none' } },
      { cellId: 'none', geometry: { type: 'MultiPolygon', coordinates: [] } },
      polygon('edge', square(0, 0, 10).slice(0, 2)),
      polygon('hole', [...square(0, 0, 10), [Number.NaN, 0]]),
      { cellId: 'part', geometry: { type: 'MultiPolygon', coordinates: [[square(0, 0, 10)], 'none'] } },
    ]);
    expect(index.broken).toBe(5);
    expect(index.locate(at(5, 5))).toBe('part');
  });

  it('finds a polygon whose outer ring does not come first', () => {
    const index = new GridIndex([polygon('late', square(0, 0, 0.1), square(5, 5, 10))]);
    expect(index.locate(at(9, 9))).toBe('late');
  });

  it('agrees with brute force on random cells and points', () => {
    const next = randomOf(20_261_124);
    const cells = Array.from({ length: 150 }, (_, i) => {
      const ring = star(next);
      const centre = [0, 1].map(
        (axis) => ring.slice(1).reduce((sum, p) => sum + (p[axis] ?? 0), 0) / (ring.length - 1),
      );
      const hole = ring.map((p) => p.map((value, axis) => (centre[axis] ?? 0) + (value - (centre[axis] ?? 0)) * 0.3));
      return polygon(`cell-${String(i).padStart(3, '0')}`, ...(i % 3 === 0 ? [ring, hole] : [ring]));
    });
    const index = new GridIndex(cells);
    let hits = 0;
    for (let i = 0; i < 5_000; i++) {
      const [x, y] = [next() * 120 - 60, next() * 100 - 50];
      const expected = cells.find((cell) => crosses(cell.geometry.coordinates as number[][][], x, y))?.cellId;
      if (expected) hits++;
      expect({ x, y, cell: index.locate(at(x, y)) }).toEqual({ x, y, cell: expected });
    }
    expect(hits).toBeGreaterThan(1_000);
  });
});
