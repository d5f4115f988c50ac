import 'reflect-metadata';
import type { EntityManager } from 'typeorm';
import { parks, police, Service } from '../harness/service.spec';
import { countCases, newestCases } from './cases.sql';

let service: Service;
let fewUnit: string;
let emptyUnit: string;

beforeAll(async () => {
  service = await Service.start();
  const manyUnit = await service.unit(parks);
  fewUnit = await service.unit(police);
  emptyUnit = await service.unit(police);
  // The few are the oldest: whoever looks for them from the newest on reads all.
  await service.db.query(
    `insert into cases (case_id, dataset_id, position, category, status, grid_id, unit_id, opened_at, version)
     select gen_random_uuid(), 'reports', i, 'Noise', 'dispatched', 'town', case when i > 10 then $1 else $2 end,
        timestamptz '2026-03-02T00:00:00Z' + i * interval '1 second', 3
       from generate_series(1, 20000) i`,
    [manyUnit, fewUnit],
  );
  await service.db.query('vacuum analyze cases');
}, 60_000);
afterAll(() => service.stop());

/** What `read` gives, and how many rows of the table of cases it looked at. */
async function rowsRead<T>(read: (tx: EntityManager) => Promise<T>): Promise<{ result: T; rows: number }> {
  return service.db.transaction(async (tx) => {
    const rows = async (): Promise<number> => {
      const [row] = await tx.query<{ rows: string }[]>(
        `select seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables where relname = 'cases'`,
      );
      return Number(row?.rows ?? 0);
    };
    const before = await rows();
    const result = await read(tx);
    return { result, rows: (await rows()) - before };
  });
}

describe('the cases of a few units among many', () => {
  it('are listed without reading those of others', async () => {
    const { result, rows } = await rowsRead((tx) => newestCases({ unitIds: [fewUnit, emptyUnit], limit: 51 }, tx));
    expect(result.map(({ position }) => position)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(rows).toBeLessThan(100);
    const none = await rowsRead((tx) => newestCases({ unitIds: [], limit: 51 }, tx));
    expect(none.result).toEqual([]);
    expect(none.rows).toBeLessThan(100);
  });

  it('are counted without reading those of others', async () => {
    const { result, rows } = await rowsRead((tx) => countCases({ unitIds: [fewUnit, emptyUnit] }, tx));
    expect(result).toMatchObject({ total: 10, byUnit: { [fewUnit]: 10 } });
    expect(rows).toBeLessThan(100);
    const all = await rowsRead((tx) => countCases({ unitIds: [fewUnit], datasetId: 'reports' }, tx));
    expect(all.result.total).toBe(10);
    expect(all.rows).toBeLessThan(100);
  });
});
