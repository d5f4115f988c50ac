import { randomOf } from '@govbus/testing';
import { likeMatcher } from './cesql-like.rules';

/** Texts by chance, the same on each machine. */
function generator(seed: number) {
  const random = randomOf(seed);
  const below = (end: number): number => Math.floor(random() * end);
  return (signs: readonly string[], most: number): string =>
    Array.from({ length: below(most + 1) }, () => signs[below(signs.length)] ?? '').join('');
}

/** What a pattern means, as a regular expression, which may take for ever. */
function reference(pattern: string): RegExp {
  const signs = [...pattern.matchAll(/\\[%_]|[\s\S]/gu)].map(([sign]) => {
    if (sign === '%') return '.*';
    if (sign === '_') return '.';
    return sign.replace(/^\\(?=[%_])/, '').replace(/[\\.*+?^${}()|[\]/]/, '\\$&');
  });
  return new RegExp(`^${signs.join('')}$`, 'su');
}

describe('a pattern of LIKE', () => {
  it.each([
    ['few characters, often the same', ['a', 'b'], ['a', 'b', '%', '_'], 8],
    ['runs of one', ['a', 'a', 'a', 'b'], ['a', 'a', 'a', '_', '%', 'b'], 14],
    ['signs and their escapes', ['%', '_', '\\', 'a'], ['\\%', '\\_', '\\', '%', '_', 'a'], 7],
    ['characters of two units', ['😀', '水', 'a'], ['😀', '水', 'a', '_', '%', '😁'], 7],
  ])('means what it says: %s', (_name, ofText, ofPattern, most) => {
    const random = generator(11);
    let likes = 0;
    for (let i = 0; i < 20_000; i += 1) {
      const [pattern, text] = [random(ofPattern, most), random(ofText, most + 2)];
      const isLike = likeMatcher(pattern)(text);
      if (isLike !== reference(pattern).test(text)) throw new Error(`'${text}' LIKE '${pattern}' is not ${isLike}`);
      likes += Number(isLike);
    }
    expect(likes).toBeGreaterThan(500);
  });

  it('finds parts of more than 32 and 64 characters, some of them any', () => {
    const random = generator(5);
    for (let i = 0; i < 2_000; i += 1) {
      const [part, around] = [random(['a', 'b'], 90), random(['a', 'b'], 90)];
      const open = [...part].map((sign, at) => (at % 7 === 3 ? '_' : sign)).join('');
      const other = open.replace(/[ab]$/, 'c');
      const text = `${around}${part}${around}`;
      expect(likeMatcher(`%${open}%`)(text)).toBe(true);
      expect(likeMatcher(`%${other}%`)(text)).toBe(!other.includes('c'));
    }
  });

  it.each([
    ['a part at the end', `%${'a'.repeat(197)}b`],
    ['a part in the middle', `%${'a'.repeat(197)}b%`],
    ['any characters in it', `%${'a_'.repeat(98)}b%`],
    ['many parts', `${'%a_'.repeat(65)}b%`],
  ])('is not found in a long text a hundred times within a second: %s', (_name, pattern) => {
    const matches = likeMatcher(pattern);
    const text = 'a'.repeat(10_000);
    const beganAt = performance.now();
    for (let i = 0; i < 100; i += 1) expect(matches(text)).toBe(false);
    expect(performance.now() - beganAt).toBeLessThan(1_000);
  });
});
