import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { eventually } from '@govbus/testing';
import { Service } from '../harness/service.spec';
import { GridCell } from './grid-cell.entity';
import { Grids } from './grids.service';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
}, 60_000);
afterAll(() => service.stop());

const place = { latitude: 0.5, longitude: 0.5 };
const located = async (gridId: string) => (await service.app.get(Grids).index(gridId)).locate(place);
const aGrid = () => `grid-${randomUUID().slice(0, 8)}`;

describe('grid cells', () => {
  it('are copied, and found once the index has heard of them', async () => {
    const gridId = aGrid();
    expect(await located(gridId)).toBeUndefined();
    await service.cell(gridId, 'north', 0, 0);
    expect(await service.db.manager.findOneBy(GridCell, { gridId })).toMatchObject({ cellId: 'north', version: 1 });
    await eventually(async () => expect(await located(gridId)).toBe('north'));
  });

  it('move and retire by newer records, never by older ones', async () => {
    const gridId = aGrid();
    await service.cell(gridId, 'north', 0, 0, 2);
    await eventually(async () => expect(await located(gridId)).toBe('north'));
    await service.cell(gridId, 'north', 9, 9, 1);
    expect(await service.db.manager.findOneBy(GridCell, { gridId })).toMatchObject({ version: 2 });
    await service.cell(gridId, 'north', 9, 9, 3);
    await eventually(async () => expect(await located(gridId)).toBeUndefined());
    await service.cell(gridId, 'south', 0, 0, 1);
    await eventually(async () => expect(await located(gridId)).toBe('south'));
    await service.cell(gridId, 'south', 0, 0, 2, 'retired');
    await eventually(async () => expect(await located(gridId)).toBeUndefined());
  });

  it('are found though the change came while nobody could hear of it', async () => {
    const gridId = aGrid();
    expect(await located(gridId)).toBeUndefined();
    // Cut off as by a restart of the database: what happens until it listens again is not told. Every other connection
    // of the service has a name.
    await service.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = '' AND query ~ '^(LISTEN|SELECT 1)'`,
    );
    await service.db.query(
      `INSERT INTO grid_cells (grid_id, cell_id, names, geometry, status, version)
       VALUES ($1, 'north', '{"en": "north"}', '{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,1],[0,0]]]}', 'active', 1)`,
      [gridId],
    );
    await eventually(async () => expect(await located(gridId)).toBe('north'));
  });
});
