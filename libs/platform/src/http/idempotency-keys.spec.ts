import 'reflect-metadata';
import { idempotencyKeyOf } from './idempotency-keys';

describe('the idempotency key', () => {
  // Source: RFC 8941, section 3.3.3.
  it.each([
    ['"8e03978e-40d5"', '8e03978e-40d5'],
    ['"two words"', 'two words'],
    ['" "', ' '],
    [String.raw`"a \"quoted\" one"`, 'a "quoted" one'],
    [String.raw`"back\\slash"`, String.raw`back\slash`],
    [String.raw`"\\\""`, String.raw`\"`],
  ])('of the sf-string %j is %j', (header, key) => expect(idempotencyKeyOf(header)).toBe(key));

  it.each(['8e03978e-40d5', 'a"b', String.raw`a\b`, '"open', String.raw`"\x"`])(
    'is %j as it stands, which is no sf-string',
    (header) => expect(idempotencyKeyOf(header)).toBe(header),
  );

  it('is none without the header', () => expect(idempotencyKeyOf(undefined)).toBeUndefined());

  it('has 255 characters at most, an escaped one being one', () => {
    for (const key of [' ', '"', 'x'])
      expect(idempotencyKeyOf(`"${key.replace('"', '\\"').repeat(255)}"`)).toBe(key.repeat(255));
    expect(idempotencyKeyOf('x'.repeat(255))).toBe('x'.repeat(255));
    for (const header of ['x'.repeat(256), `"${'x'.repeat(256)}"`]) expect(() => idempotencyKeyOf(header)).toThrow();
  });

  it.each([
    ...['', 'two words', ' ', '"two words', 'two words"', String.raw`"two \words"`, '"two "words"'],
    ...['ä', '"ä"', '"tab\t"', '"line\n"', '"del\x7f"', ['a'], null],
  ])('is not %j', (header) =>
    expect(() => idempotencyKeyOf(header)).toThrow(
      expect.objectContaining({ code: 'idempotency-key.invalid' }) as Error,
    ),
  );
});
