import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { ExportBench } from './exports.shared.int.spec';

let bench: ExportBench;
beforeAll(async () => {
  bench = await ExportBench.start();
}, 60_000);
afterAll(() => bench.stop());

/**
 * The database refuses the audit entry of an operation about a dataset. What is `committed` is written first: whoever
 * handed the file out before the commit would have handed it out.
 */
async function refuseEntries(operation: string, datasetId: string, refused: 'written' | 'committed') {
  const { db } = bench.exchange;
  const name = `refused_${randomUUID().slice(0, 8)}`;
  await db.query(
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the record cannot be written'; END $$`,
  );
  await db.query(
    `CREATE ${refused === 'written' ? 'TRIGGER' : 'CONSTRAINT TRIGGER'} ${name}
       ${refused === 'written' ? 'BEFORE INSERT ON outbox' : 'AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED'}
       FOR EACH ROW WHEN (NEW.value LIKE '%"${operation}"%' AND NEW.value LIKE '%${datasetId}%')
       EXECUTE FUNCTION ${name}()`,
  );
  return { end: () => db.query(`DROP TRIGGER ${name} ON outbox`) };
}

const ways: [string, string, (id: string) => Promise<string>][] = [
  ['by token', 'exports:download', (id) => Promise.resolve(id)],
  ['by link', 'exports:download-by-link', async (id) => ((await bench.view(id)).body.link as { url: string }).url],
];
const hindrances = ['written', 'committed'] as const;

describe.each(ways)('a file that is downloaded %s', (_, operation, of) => {
  it.each(hindrances)('has not a byte handed out while the record of it cannot be %s', async (hindrance) => {
    const { datasetId, agreement } = await bench.filled([{ note: 'in-the-file' }]);
    const id = await bench.done(agreement);
    const file = await of(id);
    const refusal = await refuseEntries(operation, datasetId, hindrance);
    const refused = await bench.file(file);
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect(refused.headers['content-type']).toContain('problem');
    expect(refused.content.toString()).not.toMatch(/in-the-file|position,/);
    expect(await bench.entries(datasetId, operation)).toEqual([]);

    await refusal.end();
    const { status, content } = await bench.file(file);
    expect([status, content.toString()]).toEqual([200, expect.stringContaining('in-the-file')]);
    expect(await bench.entries(datasetId, operation)).toMatchObject([{ action: 'disclose', entity: `export:${id}` }]);
  });
});
