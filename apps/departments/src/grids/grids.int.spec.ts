import 'reflect-metadata';
import { TestDepartments, newId } from '../test-departments.shared.spec';

let departments: TestDepartments;
beforeAll(async () => (departments = await TestDepartments.start()), 60_000);
afterAll(() => departments.stop());

const square = (x: number) => ({
  type: 'Polygon',
  coordinates: [
    [
      [x, 0],
      [x + 1, 0],
      [x + 1, 1],
      [x, 1],
      [x, 0],
    ],
  ],
});
const cell = (cellId: string, x: number, more = {}) => ({
  type: 'Feature',
  properties: { cellId, names: { en: cellId }, ...more },
  geometry: square(x),
});
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features });
const newGrid = async (): Promise<string> => {
  const gridId = newId();
  expect((await departments.call('POST', '/v1/grids', { gridId, names: { en: 'Town' } })).status).toBe(201);
  return gridId;
};
const put = (gridId: string, body: unknown, more = {}) =>
  departments.call('PUT', `/v1/grids/${gridId}/cells`, body, undefined, more);

describe('grids', () => {
  it('imports cells with one record each, as GeoJSON too', async () => {
    const gridId = await newGrid();
    const body = collection(cell('c1', 0), { type: 'Feature', properties: { name: 'Old Town' }, geometry: square(5) });
    const imported = await put(gridId, body, { 'content-type': 'application/geo+json' });
    expect(imported).toMatchObject({ status: 200, body: { imported: 2, unchanged: 0, retired: 0 } });
    expect(await departments.published(`grid-cell:${gridId}/old-town`)).toEqual([
      {
        key: `grid-cell:${gridId}/old-town`,
        type: 'departments.grid-cell.v1',
        data: {
          gridId,
          cellId: 'old-town',
          names: { en: 'Old Town' },
          geometry: square(5),
          status: 'active',
          version: 1,
        },
      },
    ]);
    expect(await departments.entries(`grid:${gridId}`)).toEqual([
      expect.objectContaining({ operation: 'grids:create' }),
      expect.objectContaining({ operation: 'grids:import', records: 2 }),
    ]);
  });

  it('say with each import at which version they are, so that the next one can name it', async () => {
    const gridId = await newGrid();
    const first = await put(gridId, collection(cell('c1', 0)));
    expect(first.headers.etag).toBe('"2"');
    const match = { 'if-match': first.headers.etag };
    expect((await put(gridId, collection(cell('c1', 0)), match)).headers.etag).toBe('"2"');
    expect((await put(gridId, collection(cell('c1', 9)), match)).headers.etag).toBe('"3"');
    expect(await put(gridId, collection(cell('c1', 0)), match)).toMatchObject({
      status: 412,
      body: { code: 'entity.stale' },
    });
  });

  it('versions only what changed and retires what is missing', async () => {
    const gridId = await newGrid();
    await put(gridId, collection(cell('same', 0), cell('moves', 1), cell('goes', 2)));
    const second = await put(gridId, collection(cell('same', 0), cell('moves', 9), cell('comes', 3)));
    expect(second.body).toEqual({ imported: 2, unchanged: 1, retired: 1 });
    const again = await put(gridId, collection(cell('same', 0), cell('moves', 9), cell('comes', 3)));
    expect(again.body).toEqual({ imported: 0, unchanged: 3, retired: 0 });
    await put(gridId, collection(cell('goes', 2)));
    const versions = async (id: string) =>
      (await departments.published(`grid-cell:${gridId}/${id}`)).map(({ data }) => [data.version, data.status]);
    expect(await versions('same')).toEqual([
      [1, 'active'],
      [2, 'retired'],
    ]);
    expect(await versions('moves')).toEqual([
      [1, 'active'],
      [2, 'active'],
      [3, 'retired'],
    ]);
    expect(await versions('goes')).toEqual([
      [1, 'active'],
      [2, 'retired'],
      [3, 'active'],
    ]);
    expect((await departments.published(`grid-cell:${gridId}/goes`))[1]?.data).toMatchObject({ geometry: square(2) });
  });

  it('lists the cells by pages, with their geometry only when asked', async () => {
    const gridId = await newGrid();
    await put(gridId, collection(cell('c3', 3), cell('c1', 1), cell('c2', 2)));
    const at = `/v1/grids/${gridId}/cells`;
    const first = await departments.call('GET', `${at}?limit=2`);
    expect(first.body.items).toEqual([
      { gridId, cellId: 'c1', names: { en: 'c1' }, status: 'active', version: 1 },
      { gridId, cellId: 'c2', names: { en: 'c2' }, status: 'active', version: 1 },
    ]);
    const cursor = encodeURIComponent(String(first.body.nextCursor));
    const second = await departments.call('GET', `${at}?limit=2&geometry=true&cursor=${cursor}`);
    expect(second.body).toEqual({ items: [expect.objectContaining({ cellId: 'c3', geometry: square(3) })] });
  });

  it('refuses a broken grid as a whole, pointing at the feature', async () => {
    const gridId = await newGrid();
    const broken = { ...cell('bad', 1), geometry: { type: 'Point', coordinates: [0, 0] } };
    expect(await put(gridId, collection(cell('good', 0), broken))).toMatchObject({
      status: 400,
      body: { code: 'grid.invalid', faults: [{ pointer: '/features/1/geometry/type', code: 'geometry.type' }] },
    });
    expect((await departments.call('GET', `/v1/grids/${gridId}/cells`)).body.items).toEqual([]);
    expect(await departments.published(`grid-cell:${gridId}/good`)).toEqual([]);
  });

  it('takes a large grid on this route alone', async () => {
    const gridId = await newGrid();
    const padding = 'x'.repeat(3_000_000);
    expect(await put(gridId, collection(cell('c1', 0, { padding })))).toMatchObject({
      status: 200,
      body: { imported: 1 },
    });
    const tooLarge = { status: 413, body: { code: 'body.too-large' } };
    expect(await put(gridId, { padding: 'x'.repeat(17 * 1024 * 1024) })).toMatchObject(tooLarge);
    const elsewhere = await departments.call('POST', '/v1/grids', { gridId: newId(), names: { en: padding } });
    expect(elsewhere).toMatchObject(tooLarge);
  });

  it('refuses a grid twice, and cells of a grid that there is none of', async () => {
    const gridId = await newGrid();
    expect(await departments.call('POST', '/v1/grids', { gridId, names: { en: 'Town' } })).toMatchObject({
      status: 409,
      body: { code: 'grid.duplicate' },
    });
    const unknown = { status: 404, body: { code: 'grid.unknown' } };
    expect(await put(newId(), collection(cell('c1', 0)))).toMatchObject(unknown);
    expect(await departments.call('GET', `/v1/grids/${newId()}/cells`)).toMatchObject(unknown);
  });
});
