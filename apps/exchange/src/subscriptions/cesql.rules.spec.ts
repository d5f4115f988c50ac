import { CesqlFault, compileCesql } from './cesql.rules';

const visible = new Map([
  ['id', '12'],
  ['area', 'north'],
  ['count', '7'],
  ['iswild', 'true'],
  ['name', "O'Neil 50%"],
  ['text', 'ab_c'],
  ['sequence', '0000000000000010'],
  ['2nd', 'b'],
]);
const holds = (expression: string): boolean => compileCesql(expression)(visible);

describe('a condition in CESQL', () => {
  it.each([
    "area = 'north'",
    'AREA = "north"',
    "area <> 'south' AND count >= 7 AND count < 8",
    "area = 'south' OR (count = 7 AND iswild = true)",
    "area = 'north' XOR count = 8",
    'NOT (count = 8)',
    "count = '7'",
    "'TRUE' = true",
    "name = 'O\\'Neil 50%'",
    "area LIKE 'n%'",
    "area LIKE '%o_t%'",
    "area NOT LIKE 'N%'",
    "name LIKE '%50\\%'",
    "text LIKE 'ab\\_c'",
    "area IN ('south', 'north')",
    "area NOT IN ('south', 'east')",
    'count IN (1, 7)',
    'EXISTS area AND NOT (EXISTS nothing)',
    'count + 3 * 2 = 13',
    '(count + 3) * 2 = 20',
    '-7 / 2 = -3',
    '-7 % 2 = -1',
    '(false AND (1 / 0 = 1)) = false',
    'true OR (1 / 0 = 1)',
    'LENGTH(area) = 5',
    "UPPER(area) = 'NORTH' AND lower('A') = 'a'",
    "CONCAT(area, '-', count) = 'north-7'",
    "CONCAT_WS('/', 'a', 'b') = 'a/b'",
    "LEFT(area, 2) = 'no' AND RIGHT(area, 2) = 'th' AND RIGHT('a', 0) = ''",
    "SUBSTRING(area, 2) = 'orth' AND SUBSTRING(area, -2, 1) = 't' AND SUBSTRING(area, 0) = ''",
    "TRIM(' a ') = 'a'",
    'ABS(-3) = 3 AND INT(count) = 7 AND BOOL(iswild) AND STRING(7) = count',
    'IS_INT(count) AND NOT IS_BOOL(area)',
    'sequence = 10 AND sequence > 9 AND sequence <= 10',
    'INT(sequence) IN (9, 10) AND NOT (sequence IN (9, 10))',
    "INT('-0000000000007') = -7 AND INT('+7') = 7",
    "IS_INT('000') AND INT('-0') = 0 AND IS_INT('+00000000002147483647')",
    "INT('0000002147483647') = 2147483647 AND INT('-2147483648') + 1 = -2147483647",
    'NOT EXISTS nothing',
    'EXISTS area AND NOT EXISTS nothing',
    'NOT EXISTS nothing = true AND (EXISTS area) = true',
    "NOT EXISTS area LIKE 'f%e'",
    'count > -2147483648 AND - 2147483648 < 0',
    'count = +7 AND 10 -3 = count AND --7 = count',
    'INT(-2147483648) + 2147483647 = -1',
    "LENGTH('a😀c') = 3 AND LENGTH('😀') = LENGTH('a') AND '😀' LIKE '_'",
    "LEFT('😀bc', 1) = '😀' AND LEFT('😀bc', 2) = '😀b' AND LEFT('😀bc', 99) = '😀bc'",
    "RIGHT('ab😀', 1) = '😀' AND RIGHT('ab😀', 2) = 'b😀' AND RIGHT('ab😀', 99) = 'ab😀'",
    "SUBSTRING('😀bc', 2) = 'bc' AND SUBSTRING('a😀c', 2, 1) = '😀' AND SUBSTRING('a😀c', -2) = '😀c'",
    "SUBSTRING('a😀c', -3, 2) = 'a😀' AND SUBSTRING('😀', 1, 9) = '😀'",
    "2nd = 'b'",
    'INT(TRUE) = 1 AND INT(FALSE) = 0 AND true + true = 2 AND iswild = true',
  ])('holds: %s', (expression) => expect(holds(expression)).toBe(true));

  it.each([
    "area = 'North'",
    'area',
    'count',
    'iswild',
    'nothing',
    "nothing = ''",
    'nothing != 2',
    'NOT nothing',
    "true = 'TRUE'",
    "area LIKE 'orth'",
    "name LIKE '%50\\%x'",
    "text LIKE 'ab\\_d'",
    'area > 3',
    '1 / 0 = 1',
    '2147483647 + 1 > 0',
    'NOT (area = 1)',
    "LEFT(area, -1) = 'north'",
    "SUBSTRING(area, 9) = ''",
    'ABS(-2147483647 - 1) > 0',
    'ABS(-2147483648) > 0',
    '-(-2147483648) > 0',
    'NOT EXISTS area',
    "SUBSTRING('😀', 2) = ''",
    "INT('2147483648') > 0",
    "INT('-2147483649') < 0",
    "INT('99999999999999999999999999') > 0",
    "INT('1.5') = 1 OR INT('') = 0",
    "IS_INT('+') OR IS_INT('00x') OR IS_INT('+-1') OR IS_INT(' 1') OR IS_INT('1e3') OR IS_INT('0x1')",
    "IS_INT('99999999999') OR IS_INT('-00000000002147483649')",
  ])('does not hold: %s', (expression) => expect(holds(expression)).toBe(false));

  it.each([
    ['', 'ends too early'],
    ['area =', 'ends too early'],
    ["area = 'x", 'cannot be read from character 7'],
    ['area = #', 'cannot be read'],
    ['(area = 1', 'ends too early'],
    ['area area', 'cannot have `area`'],
    ['area IN ()', 'empty set'],
    ['area LIKE count', 'no text behind LIKE'],
    [`area LIKE '${'x'.repeat(201)}'`, 'more than 200 characters'],
    ['EXISTS 1', 'cannot have `1`'],
    ['NOW() = 1', 'not known here: NOW'],
    ['LENGTH() = 1', 'wrong number of values'],
    ['EXISTS', 'ends too early'],
    ['NOT EXISTS NOT area', 'cannot have `NOT`'],
    ['2147483648 = 1', 'more than 32 bits'],
    ['-2147483649 = 1', 'more than 32 bits'],
    ['5 - 2147483648 = 1', 'more than 32 bits'],
    ['+area = 1', 'cannot have `+`'],
    ['a = 1 AND b = 2 OR c = 3', 'needs parentheses'],
    [`${'('.repeat(17)}true${')'.repeat(17)}`, 'more than 16 levels'],
    [`${'NOT '.repeat(17)}true`, 'more than 16 levels'],
    [`area = '${'x'.repeat(2_000)}'`, 'longer than 2000'],
  ])('is refused: %s', (expression, why) => {
    expect(() => compileCesql(expression)).toThrow(CesqlFault);
    expect(() => compileCesql(expression)).toThrow(why);
  });

  it('builds and looks through no text of more than 10,000 characters', () => {
    const holdsFor = (expression: string, length: number): boolean =>
      compileCesql(expression)(new Map([['area', 'a'.repeat(length)]]));
    for (const expression of ["area LIKE 'a%'", "LOWER(area) != ''", "UPPER(area) != ''", "CONCAT(area) != ''"])
      expect([expression, holdsFor(expression, 10_000), holdsFor(expression, 10_001)]).toEqual([
        expression,
        true,
        false,
      ]);
    const many = `CONCAT_WS('', ${Array.from({ length: 40 }, () => 'area').join()}) != ''`;
    expect([holdsFor(many, 250), holdsFor(many, 251)]).toEqual([true, false]);
  });

  it.each([
    "IS_INT(area) OR area != ''",
    'NOT IS_BOOL(area)',
    'LENGTH(area) > 0',
    'INT(area) = 1',
    'area = 1',
    'area > 0',
    'area + 1 = 2',
    "area != ''",
    "area NOT IN ('', 'b')",
    "STRING(area) != ''",
    "TRIM(area) != ''",
    "LEFT(area, 1) = '0'",
    "RIGHT(area, 1) = '1'",
    "SUBSTRING(area, -1) = '1'",
    "CONCAT_WS(area, 'a') = 'a'",
  ])('reads no attribute of more than 10,000 characters: %s', (expression) => {
    const area = `${'0'.repeat(10_000)}1`;
    const condition = compileCesql(expression);
    expect([area.slice(1), area].map((text) => condition(new Map([['area', text]])))).toEqual([true, false]);
  });

  it('may ask whether a long attribute is there, or pass over it', () => {
    const long = new Map([...visible, ['area', 'a'.repeat(10_001)]]);
    for (const expression of ['EXISTS area', "count = 7 OR area = 'a'", "NOT (count = 8 AND area = 'a')"])
      expect([expression, compileCesql(expression)(long)]).toEqual([expression, true]);
  });

  it('builds no longer text by its capitals', () => {
    const capitals = compileCesql("UPPER(area) != ''");
    expect([5_000, 5_001].map((length) => capitals(new Map([['area', 'ß'.repeat(length)]])))).toEqual([true, false]);
  });

  it('asks often whether a text of the greatest length is an integer', () => {
    const integer = compileCesql(Array.from({ length: 110 }, () => 'IS_INT(area)').join(' AND '));
    const none = compileCesql(`NOT (${Array.from({ length: 110 }, () => 'IS_INT(area)').join(' OR ')})`);
    const zeros = '0'.repeat(9_999);
    expect(integer(new Map([['area', `${zeros}7`]]))).toBe(true);
    expect(none(new Map([['area', `${zeros}x`]]))).toBe(true);
  });

  it('takes a pattern against a long text in few steps', () => {
    const long = new Map([['area', 'a'.repeat(5_000)]]);
    expect(compileCesql(`area LIKE '${'%a'.repeat(90)}b'`)(long)).toBe(false);
  });

  it('joins long chains without going deep', () => {
    expect(holds(Array.from({ length: 130 }, () => 'count = 7').join(' AND '))).toBe(true);
  });
});
