import 'reflect-metadata';
import { createTestDatabase, randomOf } from '@govbus/testing';
import { DataSource } from 'typeorm';
import { CopyRows } from './copy-rows';

type Row = { a: string; n: string; i: number; at: Date; day: string; none: string | null; long: string };
const columns = ['a', 'n', 'i', 'at', 'day', 'none', 'long'];
const signs = ['a', '"', '\\', ',', '{', '\n', "'", 'é', '动', '😀', '\u001e', '\t'];
let db: DataSource;
beforeAll(async () => {
  const { url } = await createTestDatabase('exchange', []);
  db = await new DataSource({ type: 'postgres', url }).initialize();
  await db.query(
    'CREATE TABLE copied (a text, n bigint, i integer, at timestamptz, day date, none text, long text NOT NULL)',
  );
});
afterAll(() => db.destroy());
afterEach(() => db.query('TRUNCATE copied'));

const copied = (): Promise<Row[]> =>
  db.query<Row[]>('SELECT a, n, i, at, day::text, none, long FROM copied ORDER BY n');

async function copy(rows: Row[], bytesOf = (row: Row): Buffer => Buffer.from(row.long)): Promise<void> {
  const copy = new CopyRows('copied', columns);
  for (const row of rows)
    copy
      .row()
      .text(row.a)
      .bigint(Number(row.n))
      .integer(row.i)
      .timestamptz(row.at.toISOString())
      .date(row.day)
      .text(row.none)
      .utf8(bytesOf(row));
  await db.transaction((tx) => copy.send(tx));
}

function rowsOf(seed: number, count: number, longest: number): Row[] {
  const random = randomOf(seed);
  const text = (most: number): string =>
    Array.from({ length: Math.floor(random() * most) }, () => signs[Math.floor(random() * signs.length)]).join('');
  return Array.from({ length: count }, (_, n) => ({
    a: text(9),
    n: String(n === 1 ? Number.MAX_SAFE_INTEGER : n),
    i: n === 2 ? -(2 ** 31) : n,
    at: new Date(Date.UTC(1990, 0, 1) + n * 987_654_321),
    day: `20${10 + (n % 20)}-02-28`,
    none: random() < 0.5 ? null : text(5),
    long: text(longest),
  })).sort((x, y) => Number(x.n) - Number(y.n));
}

it('PostgreSQL reads what was given: rows across chunks, and a field that is longer than a chunk', async () => {
  for (const [seed, count, longest] of [
    [1, 3_000, 1_000],
    [2, 3_000, 900],
    [3, 3, 2_000_000],
    [4, 0, 0],
  ] as const) {
    const rows = rowsOf(seed, count, longest);
    await copy(rows);
    expect(await copied()).toEqual(rows);
    await db.query('TRUNCATE copied');
  }
});

it.each([0, 2_500])(
  'tells which data PostgreSQL refuses, in row %i, and leaves the connection fit for use',
  async (at) => {
    const rows = rowsOf(5, 3_000, 1_500);
    const bad = rows[at];
    await expect(
      copy(rows, (row) => (row === bad ? Buffer.from([0xff]) : Buffer.from(row.long))),
    ).rejects.toMatchObject({ code: '22021' });
    expect(await copied()).toEqual([]);
    for (let i = 0; i < 12; i += 1) await copy(rows.slice(0, 3));
    expect(await copied()).toHaveLength(36);
  },
);

it('fails when the connection is lost before all is sent', async () => {
  await db.query(`
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
    CREATE TRIGGER lost BEFORE INSERT ON copied FOR EACH ROW EXECUTE FUNCTION lose()`);
  await expect(copy(rowsOf(6, 3_000, 1_500))).rejects.toThrow();
  await db.query('DROP TRIGGER lost ON copied');
  await copy(rowsOf(6, 3, 10));
  expect(await copied()).toHaveLength(3);
});
