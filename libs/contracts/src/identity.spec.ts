import 'reflect-metadata';
import { validateSync } from 'class-validator';
import { creditCodeCheck, isDepartmentCode, IsNames, isSlug } from './identity';

// Source: GB 32100-2015; the sample of the standard's own publication.
const known = '91350100M000100Y43';

describe('department codes', () => {
  it('has the check character of the known sample', () => {
    expect(creditCodeCheck(known.slice(0, 17))).toBe('3');
    expect(isDepartmentCode(known)).toBe(true);
  });

  it('refuses every other last character', () => {
    for (const last of '0123456789ABCDEFGHJKLMNPQRTUWXY')
      expect(isDepartmentCode(known.slice(0, 17) + last)).toBe(last === '3');
  });

  it('finds every single changed character and every swap of neighbours', () => {
    for (let i = 0; i < 17; i++) {
      const changed = known.charAt(i) === '0' ? '1' : '0';
      expect(isDepartmentCode(known.slice(0, i) + changed + known.slice(i + 1))).toBe(false);
      const [a, b] = [known.charAt(i), known.charAt(i + 1)];
      if (i < 16 && a !== b) expect(isDepartmentCode(known.slice(0, i) + b + a + known.slice(i + 2))).toBe(false);
    }
  });

  it.each([
    ['lower case', known.toLowerCase()],
    ['too short', known.slice(1)],
    ['too long', `${known}0`],
    ['a letter that is not used', known.replace('Y', 'I')],
    ['a line break behind', `${known}\n`],
    ['a number', 91350100],
  ])('refuses %s', (_, code) => expect(isDepartmentCode(code)).toBe(false));
});

describe('slugs', () => {
  it.each(['ab', 'a1', '1a', 'a-b', 'a'.repeat(63)])('takes %s', (slug) => expect(isSlug(slug)).toBe(true));
  it.each(['', 'a', '-a', 'A1', 'a_b', 'a b', 'a.b', 'a'.repeat(64), 'ab\n', 'ä1', 7, null])('refuses %j', (slug) =>
    expect(isSlug(slug)).toBe(false),
  );
});

describe('names', () => {
  class Named {
    @IsNames() names: unknown;
  }
  const faults = (names: unknown) => validateSync(Object.assign(new Named(), { names }));

  it.each([{ en: 'Water' }, { zh: '水务局', 'zh-Hans': '水务局' }, { en: 'x'.repeat(200) }])('takes %j', (names) =>
    expect(faults(names)).toEqual([]),
  );
  it.each([{}, null, 'Water', ['Water'], { en: 1 }, { english: 'Water' }, { en: 'x'.repeat(201) }, { '': 'Water' }])(
    'refuses %j',
    (names) => expect(faults(names)).not.toEqual([]),
  );
});
