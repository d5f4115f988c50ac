import pg from 'pg';
import { eventually } from './dataset';
import { type Items, RunningCity } from './running-city';

let city: RunningCity;

beforeAll(async () => {
  city = await RunningCity.start();
});
afterAll(() => city.remove());

it('verifies a log with the public key alone, and finds an entry that was changed behind its back (P7)', async () => {
  const verified = await eventually(async () => {
    const ended = await city.govbus('audit', 'verify');
    expect(ended).toMatchObject({ code: 0 });
    return ended;
  });
  expect(verified.output).toMatch(/size +\d+/);
  const { body } = await city.call<Items<{ entryId: string }>>(
    'auditor',
    'GET',
    `${city.url('audit')}/v1/entries?limit=5`,
  );
  expect(await city.govbus('audit', 'proof', body.items[0]?.entryId ?? '')).toMatchObject({ code: 0 });

  const db = new pg.Client({ connectionString: city.databaseUrl('audit') });
  await db.connect();
  // Only whoever owns the database can do this at all: the triggers that forbid it are taken away first.
  await db.query('SET session_replication_role = replica');
  const { rowCount } = await db.query(
    `UPDATE entries SET body = replace(body, '"done"', '"gone"')
      WHERE index = (SELECT min(index) FROM entries WHERE body LIKE '%"done"%')`,
  );
  expect(rowCount).toBe(1);
  await db.end();
  const found = await city.govbus('audit', 'verify');
  expect(found.code).toBe(1);
  expect(found.output).toMatch(/does not fit|do not give the root/);
});
