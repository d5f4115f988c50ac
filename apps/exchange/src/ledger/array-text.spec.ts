import { numberArray, textArray } from './array-text';

describe('the text of an array', () => {
  it.each([
    [[], '{}'],
    [['a', 'b'], '{"a","b"}'],
    [['null', null, ''], '{"null",NULL,""}'],
    [['a"b', 'c\\d', '{x,y}', ' '], '{"a\\"b","c\\\\d","{x,y}"," "}'],
  ])('%j is %s', (values, expected) => {
    expect(textArray(values)).toBe(expected);
  });

  it('of numbers has them as they are', () => {
    expect(numberArray([1, 2])).toBe('{1,2}');
    expect(numberArray([])).toBe('{}');
  });
});
