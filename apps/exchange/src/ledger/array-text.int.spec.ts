import 'reflect-metadata';
import { createTestDatabase, randomOf } from '@govbus/testing';
import { DataSource } from 'typeorm';
import { numberArray, textArray } from './array-text';

const signs = ['a', '"', '\\', ',', '{', '}', ' ', 'NULL', '\n', "'", 'é', '😀', '\u001e', '\t'];

it('PostgreSQL reads what was given, whatever signs it holds', async () => {
  const { url } = await createTestDatabase('exchange', []);
  const db = await new DataSource({ type: 'postgres', url }).initialize();
  const random = randomOf(7);
  const values = Array.from({ length: 2_000 }, () =>
    random() < 0.1
      ? null
      : Array.from({ length: Math.floor(random() * 6) }, () => signs[Math.floor(random() * 14)]).join(''),
  );
  const [row] = await db.query<{ texts: string[]; numbers: number[] }[]>(
    'SELECT $1::text[] AS texts, $2::integer[] AS numbers',
    [textArray(values), numberArray([0, -1, 2 ** 31 - 1])],
  );
  expect(row).toEqual({ texts: values, numbers: [0, -1, 2 ** 31 - 1] });
  await db.destroy();
});
