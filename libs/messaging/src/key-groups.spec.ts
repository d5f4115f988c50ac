import { sideBySide } from './key-groups';

const groupsOf = (keys: (string | null)[], most: number): string[] =>
  sideBySide(
    keys.map((key, offset) => ({ key: key === null ? null : Buffer.from(key), offset })),
    most,
  ).map((group) => group.map(({ key, offset }) => `${key?.toString() ?? '-'}${offset}`).join(' '));

describe('groups of different keys', () => {
  it.each([
    [[], 3, []],
    [['a', 'b', 'c', 'd'], 3, ['a0 b1 c2', 'd3']],
    [['a', 'b', 'a', 'c', 'b'], 8, ['a0 b1', 'a2 c3 b4']],
    [['a', 'a', 'a'], 8, ['a0', 'a1', 'a2']],
    [['a', null, 'b', null, null, 'c'], 8, ['a0', '-1', 'b2', '-3', '-4', 'c5']],
    [['a', 'b', 'c'], 1, ['a0', 'b1', 'c2']],
  ])('%j of at most %d are %j', (keys, most, expected) => {
    expect(groupsOf(keys, most)).toEqual(expected);
  });
});
