import { keyAt, onlyAt } from './pointer';

describe('keyAt', () => {
  it('follows RFC 6901, escapes and arrays included', () => {
    expect(keyAt({ 'a/b': { '~c': [1, { d: 2 }] } }, '/a~1b/~0c/1/d')).toBe('2');
    expect([keyAt({ a: 1 }, '/a/b'), keyAt({ a: [1] }, '/a/length'), keyAt({}, '/constructor/name')]).toEqual(
      Array(3).fill(undefined),
    );
  });
  it('takes text, numbers and booleans, nothing empty', () => {
    expect([keyAt({ k: 'x' }, '/k'), keyAt({ k: 7 }, '/k'), keyAt({ k: false }, '/k')]).toEqual(['x', '7', 'false']);
    expect([keyAt({ k: '' }, '/k'), keyAt({ k: null }, '/k'), keyAt({ k: {} }, '/k'), keyAt({}, '/k')]).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe('onlyAt', () => {
  it('leaves nothing beside the value, in arrays and under names of the prototype too', () => {
    expect(onlyAt({ a: { b: 1, c: 2 }, d: 3 }, '/a/b')).toEqual({ a: { b: 1 } });
    expect(onlyAt({ a: [{ x: 1 }, { x: 2, y: 3 }] }, '/a/1/x')).toEqual({ a: [null, { x: 2 }] });
    expect(JSON.stringify(onlyAt(JSON.parse('{"__proto__":{"k":1},"b":2}'), '/__proto__/k'))).toBe(
      '{"__proto__":{"k":1}}',
    );
  });
  it('is empty when there is none', () => {
    expect([onlyAt({ a: 1 }, '/b'), onlyAt({}, '/constructor'), onlyAt({ a: [1] }, '/a/length')]).toEqual([{}, {}, {}]);
  });
});
