import { keyAt, valueAt } from './pointer';

describe('valueAt', () => {
  it('follows RFC 6901, escapes and arrays included', () => {
    expect(valueAt({ 'a/b': { '~c': [1, { d: 2 }] } }, '/a~1b/~0c/1/d')).toBe(2);
    expect(valueAt({ a: 1 }, '/a/b')).toBeUndefined();
  });
  it('never finds what is inherited', () => {
    expect(valueAt({}, '/constructor')).toBeUndefined();
    expect(valueAt({}, '/__proto__/toString')).toBeUndefined();
  });
});

describe('keyAt', () => {
  it('takes text, numbers and booleans, nothing empty', () => {
    expect([keyAt({ k: 'x' }, '/k'), keyAt({ k: 7 }, '/k'), keyAt({ k: false }, '/k')]).toEqual(['x', '7', 'false']);
    expect([keyAt({ k: '' }, '/k'), keyAt({ k: null }, '/k'), keyAt({ k: {} }, '/k'), keyAt({}, '/k')]).toEqual(
      Array(4).fill(undefined),
    );
  });
});
