import 'reflect-metadata';
import { DomainError } from '@govbus/contracts';
import { compareCells, maxFaults, readCells, slugOf } from './grid-cell.rules';

const square = (x = 0, y = 0) => [
  [x, y],
  [x + 1, y],
  [x + 1, y + 1],
  [x, y + 1],
  [x, y],
];
const feature = (properties: unknown, geometry: unknown = { type: 'Polygon', coordinates: [square()] }) => ({
  type: 'Feature',
  properties,
  geometry,
});
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features });

function faultsOf(input: unknown): { pointer: string; code: string }[] {
  try {
    readCells(input);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'grid.invalid') throw error;
    return (error.details.faults ?? []).map(({ pointer, code }) => ({ pointer, code }));
  }
  throw new Error('nothing was refused');
}

describe('readCells', () => {
  it('takes ids and names as given, or makes them from the name', () => {
    const multi = { type: 'MultiPolygon', coordinates: [[square()], [square(5, 5)]] };
    const cells = readCells(
      collection(
        feature({ name: 'Old Town' }),
        feature({ cellId: 'old-town' }),
        feature({ name: 'Old Town', names: { zh: '老城' } }, multi),
      ),
    );
    expect(cells.map(({ cellId, names }) => ({ cellId, names }))).toEqual([
      { cellId: 'old-town-2', names: { en: 'Old Town' } },
      { cellId: 'old-town', names: { en: 'old-town' } },
      { cellId: 'old-town-3', names: { zh: '老城' } },
    ]);
    expect(cells[2]?.geometry).toEqual(multi);
  });

  it('makes an id of each of many equal names', () => {
    const cells = readCells(collection(...Array.from({ length: 3_000 }, () => feature({ name: 'Cell' }))));
    expect(new Set(cells.map(({ cellId }) => cellId)).size).toBe(3_000);
    expect(cells[2_999]?.cellId).toBe('cell-3000');
  });

  it('closes a ring that does not end where it begins', () => {
    const open = { type: 'Polygon', coordinates: [square().slice(0, 4)] };
    const [cell] = readCells(collection(feature({ cellId: 'c1' }, open)));
    expect(cell?.geometry.coordinates).toEqual([square()]);
  });

  it('drops heights, and gives equal content an equal digest', () => {
    const high = square().map((position) => [...position, 12.5]);
    const [a] = readCells(collection(feature({ cellId: 'c1', names: { en: 'A', zh: '甲' } })));
    const [b] = readCells(
      collection(feature({ cellId: 'c1', names: { zh: '甲', en: 'A' } }, { type: 'Polygon', coordinates: [high] })),
    );
    expect(b?.geometry.coordinates).toEqual([square()]);
    expect(b?.digest).toBe(a?.digest);
    const [moved] = readCells(
      collection(
        feature({ cellId: 'c1', names: { en: 'A', zh: '甲' } }, { type: 'Polygon', coordinates: [square(1)] }),
      ),
    );
    expect(moved?.digest).not.toBe(a?.digest);
  });

  const at = '/features/1/geometry';
  it.each([
    ['no geometry', null, at, 'geometry.missing'],
    ['a point', { type: 'Point', coordinates: [1, 2] }, `${at}/type`, 'geometry.type'],
    ['no rings', { type: 'Polygon', coordinates: [] }, `${at}/coordinates`, 'coordinates.malformed'],
    [
      'a short ring',
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
      `${at}/coordinates/0`,
      'ring.too-short',
    ],
    [
      'latitude before longitude',
      { type: 'MultiPolygon', coordinates: [[square()], [square(30, 104)]] },
      `${at}/coordinates/1/0/0`,
      'position.out-of-range',
    ],
    [
      'text for numbers',
      { type: 'Polygon', coordinates: [[['1', '2']]] },
      `${at}/coordinates/0/0`,
      'position.malformed',
    ],
  ])('refuses %s, pointing at it', (_name, geometry, pointer, code) => {
    expect(faultsOf(collection(feature({ cellId: 'good' }), feature({ cellId: 'bad' }, geometry)))).toEqual([
      { pointer, code },
    ]);
  });

  it('refuses ids that are missing, malformed or given twice', () => {
    const input = collection(
      feature({ cellId: 'c1' }),
      feature({ cellId: 'c1' }),
      feature({ cellId: 'C 1', name: 'x1' }),
      feature({ name: '老城' }),
      feature(null),
      { type: 'Point' },
    );
    expect(faultsOf(input)).toEqual([
      { pointer: '/features/2/properties/cellId', code: 'cell-id.malformed' },
      { pointer: '/features/5', code: 'feature.malformed' },
      { pointer: '/features/1/properties/cellId', code: 'cell-id.duplicate' },
      { pointer: '/features/3/properties', code: 'cell-id.missing' },
      { pointer: '/features/4/properties', code: 'cell-id.missing' },
    ]);
  });

  it('refuses what is no collection, an empty one, and another reference system', () => {
    expect(faultsOf([])).toEqual([{ pointer: '/features', code: 'grid.not-a-collection' }]);
    expect(faultsOf(null)).toEqual([{ pointer: '/features', code: 'grid.not-a-collection' }]);
    expect(faultsOf(collection())).toEqual([{ pointer: '/features', code: 'grid.empty' }]);
    const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3857' } };
    expect(faultsOf({ ...collection(feature({ cellId: 'c1' })), crs })).toEqual([
      { pointer: '/crs', code: 'crs.unsupported' },
    ]);
  });

  it('lists a bounded number of faults', () => {
    expect(faultsOf(collection(...Array.from({ length: 500 }, () => feature(null))))).toHaveLength(maxFaults);
  });
});

describe('slugOf', () => {
  it.each([
    ['Old Town, East', 'old-town-east'],
    ['Château d’Eau', 'chateau-d-eau'],
    ['  12 ', '12'],
    ['x'.repeat(80), 'x'.repeat(56)],
    ['A', undefined],
    ['老城', undefined],
  ])('%s', (name, slug) => expect(slugOf(name)).toBe(slug));
});

describe('compareCells', () => {
  const cell = (cellId: string, digest: string) => ({
    cellId,
    digest,
    names: { en: cellId },
    geometry: { type: 'Polygon' as const, coordinates: [] },
  });

  it('gives a new version to what is new, differs or comes back, and retires what is missing', () => {
    const stored = [
      { cellId: 'same', digest: 'a', status: 'active' as const, version: 4 },
      { cellId: 'differs', digest: 'b', status: 'active' as const, version: 2 },
      { cellId: 'back', digest: 'c', status: 'retired' as const, version: 7 },
      { cellId: 'missing', digest: 'd', status: 'active' as const, version: 1 },
      { cellId: 'gone', digest: 'e', status: 'retired' as const, version: 3 },
    ];
    const result = compareCells(stored, [cell('same', 'a'), cell('differs', 'z'), cell('back', 'c'), cell('new', 'n')]);
    expect(result.changed.map(({ cellId, version }) => [cellId, version])).toEqual([
      ['differs', 3],
      ['back', 8],
      ['new', 1],
    ]);
    expect(result.retired).toEqual([{ cellId: 'missing', version: 2 }]);
    expect(result.unchanged).toBe(1);
  });
});
