import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { keptOf } from './exports.sql';
import { consumer } from '../exchange.int.spec';
import { ExportBench } from './exports.shared.int.spec';

const maxBytes = 50_000;
let bench: ExportBench;
beforeAll(async () => {
  bench = await ExportBench.start({ EXPORT_MAX_BYTES: maxBytes });
}, 60_000);
afterAll(() => bench.stop());
const remove = (id: string) => bench.exchange.call('DELETE', `/v1/exports/${id}`, bench.reader);

describe('the files of a department', () => {
  it('have so many bytes together: no export is taken until there is room again', async () => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    await bench.rows(`UPDATE exports SET bytes = ${maxBytes} WHERE export_id = $1`, id);
    expect(await bench.order(agreement)).toMatchObject({ status: 409, body: { code: 'export.no-space' } });
    expect((await remove(id)).status).toBe(204);
    expect((await bench.order(agreement)).status).toBe(202);
  });

  it('never pass that: one that would is ended, and nothing of it is kept', async () => {
    const { datasetId, agreement } = await bench.filled(Array.from({ length: 1_100 }, (_, i) => ({ key: `k${i}` })));
    const id = await bench.ordered(agreement);
    expect(await bench.reaches(id, 'failed')).toMatchObject({ reason: 'export.no-space' });
    expect(await bench.chunksOf(id)).toEqual([]);
    const failed = (await bench.entries(datasetId, 'exports:run')).filter(({ outcome }) => outcome === 'failed');
    expect(failed).toMatchObject([{ code: 'export.no-space', entity: `export:${id}` }]);
    // What ended takes no room.
    expect((await keptOf(consumer, bench.exchange.db.manager)).bytes).toBeLessThan(maxBytes);
  });

  it('are 500 at most, those that are being written among them: it is told to delete some', async () => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    const { all } = await keptOf(consumer, bench.exchange.db.manager);
    await bench.exchange.db.query(
      `INSERT INTO exports (export_id, agreement_id, agreement_version, dataset_id, consumer_department, owner, purpose,
                            format, content, fields, from_position, to_position, rows_total, through_position, created_at,
                            status, expires_at)
       SELECT gen_random_uuid(), agreement_id, agreement_version, dataset_id, consumer_department, owner, 'many', format,
              content, fields, from_position, to_position, rows_total, through_position, created_at, 'done', expires_at
         FROM exports, generate_series(1, $2::integer) WHERE export_id = $1`,
      [id, 500 - all],
    );
    expect(await bench.order(agreement)).toMatchObject({
      status: 409,
      body: { code: 'export.too-many', detail: expect.stringContaining('delete files') as string },
    });
    expect((await remove(id)).status).toBe(204);
    expect((await bench.order(agreement)).status).toBe(202);
    expect((await bench.order(agreement)).status).toBe(409);
    await bench.rows('DELETE FROM exports WHERE purpose = $1', 'many');
  });

  it('are counted one order after the other, however many come at once', async () => {
    const { agreement } = await bench.filled([{}]);
    // The last one of the test before may still be written.
    await eventually(async () => expect((await keptOf(consumer, bench.exchange.db.manager)).open).toBe(0));
    // No worker takes them.
    await bench.exchange.db.query(`ALTER TABLE exports ALTER COLUMN next_turn_at SET DEFAULT 'infinity'`);
    const orders = await Promise.all(Array.from({ length: 60 }, () => bench.order(agreement)));
    await bench.exchange.db.query('ALTER TABLE exports ALTER COLUMN next_turn_at DROP DEFAULT');
    const taken = orders.filter(({ status }) => status === 202);
    expect(taken).toHaveLength(20);
    // Those for whom there is no room to wait are told so.
    for (const { body } of orders.filter(({ status }) => status !== 202))
      expect(['export.too-many', 'delivery.busy']).toContain(body.code);
    for (const { body } of taken) await remove(String(body.exportId));
  });
});
