import { asStep, isPointer, isWithin, leadsOn, stepsOf, uncounted, valueAt } from './pointer';

const at = (data: unknown, pointer: string): unknown => valueAt(data, stepsOf(pointer));

// Source: RFC 6901, section 3 and the examples of section 5.
describe('isPointer', () => {
  it.each(['/foo', '/foo/0', '/', '/a~1b', '/c%d', '/e^f', '/k"l', '/ ', '/m~0n', '/动物'])('takes %s', (pointer) =>
    expect(isPointer(pointer)).toBe(true),
  );
  it.each(['', 'foo', '#/foo', '/a~2', '/a~', 7, null])('refuses %j', (pointer) =>
    expect(isPointer(pointer)).toBe(false),
  );
});

describe('steps', () => {
  // Source: RFC 6901, section 4: `~01` is `~1`, never `/`.
  it.each([
    ['', []],
    ['/', ['']],
    ['/foo/0', ['foo', '0']],
    ['/a~1b/m~0n', ['a/b', 'm~n']],
    ['/~01', ['~1']],
    ['//', ['', '']],
  ])('of %j are %j, and are written as it', (pointer, steps) => {
    expect(stepsOf(pointer)).toEqual(steps);
    expect(steps.map((step) => `/${asStep(step)}`).join('')).toBe(pointer);
  });
});

describe('valueAt', () => {
  // Source: RFC 6901, section 5.
  it('gives what the standard says of its example', () => {
    const data = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7 };
    const pointers = ['/foo', '/foo/0', '/', '/a~1b', '/c%d', '/e^f', '/g|h', '/i\\j', '/k"l', '/ '];
    expect(pointers.map((pointer) => at(data, pointer))).toEqual([['bar', 'baz'], 'bar', 0, 1, 2, 3, 4, 5, 6, 7]);
    expect(at({ 'm~n': 8 }, '/m~0n')).toBe(8);
    expect(at(data, '')).toBe(data);
  });

  it('follows escapes, empty names and indexes together', () => {
    const data = { 'a/b': { 'm~n': [1, { '': 2 }] } };
    expect([at(data, '/a~1b/m~0n/0'), at(data, '/a~1b/m~0n/1/')]).toEqual([1, 2]);
  });

  it.each(['/01', '/-', '/1', '/-1', '/0.0', '/1e0', '/ 0', '/length', '/at', '/0/length'])(
    'counts no element of a list by %s',
    (pointer) => expect(at({ list: ['abc'] }, `/list${pointer}`)).toBeUndefined(),
  );

  it('takes a member called `length` or by a number where it is one', () => {
    expect([at({ length: 3 }, '/length'), at({ '01': 4 }, '/01'), at([{ length: 5 }], '/0/length')]).toEqual([3, 4, 5]);
  });

  it('finds nothing behind what is no object, and nothing inherited', () => {
    const data = { text: 'abc', none: null };
    for (const pointer of ['/text/0', '/text/length', '/none/a', '/toString', '/constructor', '/__proto__/toString'])
      expect(at(data, pointer)).toBeUndefined();
    expect(at(JSON.parse('{"__proto__":{"a":1}}'), '/__proto__/a')).toBe(1);
    expect([at(undefined, '/a'), at('a', '/0')]).toEqual([undefined, undefined]);
  });
});

describe('leadsOn', () => {
  it('tells a member that holds nothing from one that is not there', () => {
    expect([leadsOn({ a: null }, 'a'), leadsOn({ a: null }, 'b'), leadsOn([0], '0'), leadsOn([0], 'length')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('isWithin', () => {
  it('holds of the place itself and of what lies below, not of a name that begins alike', () => {
    const pointers = ['/a', '/a/b', '/a/0/c', '/a/', '/ab', '/b/a', '/'];
    expect(pointers.filter((pointer) => isWithin(pointer, '/a'))).toEqual(['/a', '/a/b', '/a/0/c', '/a/']);
  });
});

describe('uncounted', () => {
  it('leaves out each step of digits, and no other', () => {
    expect(['/a/0/b', '/a/0', '/0/1/a', '/a1/b', '/a/1b/c', '/a'].map(uncounted)).toEqual([
      '/a/b',
      '/a',
      '/a',
      '/a1/b',
      '/a/1b/c',
      '/a',
    ]);
  });
});
