import 'reflect-metadata';
import { randomOf } from '@govbus/testing';
import canonicalize from 'canonicalize';
import { canonicalText } from './canonical';
import { refuseUnkeepable } from './strict-json';

const random = randomOf(20_261_125);
const texts = [
  '',
  'a',
  'é',
  '动物',
  '😀',
  '"',
  '\\',
  '\n',
  '\u007f',
  '\u2028',
  'z'.repeat(70),
  '10',
  '9',
  'constructor',
];
const odd = ['\u0000', '\ud83d', '\u0001'];
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const numbers = [0, -0, 1, -1, 1.5, 1e-7, 123456789.125, 2 ** 53 - 1, -(2 ** 53) + 1];

function anyValue(depth: number, strange: number): unknown {
  const kind = random();
  if (random() < strange) return pick([...odd, 2 ** 53, Infinity, JSON.parse('{"__proto__":1}') as unknown]);
  if (depth === 0 || kind < 0.35) return pick([...texts, ...numbers, true, false, null]);
  const length = Math.floor(random() * 5);
  if (kind < 0.6) return Array.from({ length }, () => anyValue(depth - 1, strange));
  return Object.fromEntries(
    Array.from({ length }, () => [pick([...texts, ...odd.slice(2)]), anyValue(depth - 1, strange)]),
  );
}
const errorOf = (act: () => unknown): unknown => {
  try {
    act();
    return undefined;
  } catch (error) {
    const { code, details } = error as { code: string; details: unknown };
    return { code, details };
  }
};

it('is the canonical JSON of RFC 8785, as another implementation writes it', () => {
  for (let i = 0; i < 3_000; i += 1) {
    const value = anyValue(4, 0);
    expect(canonicalText(value)).toBe(canonicalize(value));
  }
});

it('refuses what cannot be kept, with the same words as the slow look', () => {
  let refused = 0;
  for (let i = 0; i < 3_000; i += 1) {
    const value = anyValue(4, 0.1);
    const expected = errorOf(() => refuseUnkeepable(value));
    expect(errorOf(() => canonicalText(value))).toEqual(expected);
    if (expected) refused += 1;
  }
  expect(refused).toBeGreaterThan(300);
});

it('refuses what is nested too deep', () => {
  const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
  expect(canonicalText(nested(32))).toBe('['.repeat(32) + ']'.repeat(32));
  expect(errorOf(() => canonicalText(nested(33)))).toMatchObject({ code: 'body.too-deep' });
  expect(errorOf(() => canonicalText(nested(100_000)))).toMatchObject({ code: 'body.too-deep' });
});
