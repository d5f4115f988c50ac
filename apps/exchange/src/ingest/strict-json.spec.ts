import 'reflect-metadata';
import { parseBody, refuseUnkeepable } from './strict-json';

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('parseBody', () => {
  it('names the position and never a piece of the body', () => {
    expect(() => parseBody(Buffer.from('{"name" planted}'))).toThrow('the body is not JSON: wrong at position 8');
    expect(() => parseBody(Buffer.from('{"name" planted}'))).not.toThrow(/planted/);
  });
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['what is not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a cut-off body', Buffer.from('{"a":')],
  ])('refuses %s', (_, body) => {
    expect(codeOf(() => parseBody(body))).toBe('body.malformed');
  });
  it('survives a body of a million brackets', () => {
    const value = parseBody(Buffer.from(nested(1_000_000)));
    expect(codeOf(() => refuseUnkeepable(value))).toBe('body.too-deep');
  });
});

describe('refuseUnkeepable', () => {
  it('takes 32 levels and refuses 33', () => {
    expect(codeOf(() => refuseUnkeepable(JSON.parse(nested(32))))).toBeUndefined();
    expect(codeOf(() => refuseUnkeepable(JSON.parse(nested(33))))).toBe('body.too-deep');
  });
  it.each([
    ['a member called __proto__', '{"a":{"__proto__":{"admin":true}}}'],
    ['U+0000 in a value', '{"a":"x\\u0000"}'],
    ['U+0000 in a name', '{"a\\u0000":1}'],
    ['half a surrogate pair', '["\\ud83d"]'],
    ['an infinite number', '[1e999]'],
    ['an integer beyond 2^53', '[12345678901234567890]'],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => refuseUnkeepable(JSON.parse(text)))).toBe('event.invalid');
  });
  it('takes ordinary data', () => {
    expect(codeOf(() => refuseUnkeepable({ a: [1.5, -3, true, null, '😀 动物'], constructor: 1 }))).toBeUndefined();
  });
});
