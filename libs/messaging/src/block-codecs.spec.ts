import { TooLarge, unlz4, unsnappy } from './block-codecs';

const bytes = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
const word = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
const lz4 = (flags: number, ...blocks: Buffer[]): Buffer =>
  Buffer.concat([
    bytes(...word(0x184d2204), flags, 0x40),
    Buffer.alloc(flags & 0x08 ? 8 : 0),
    Buffer.alloc(1),
    ...blocks,
    bytes(...word(0)),
  ]);
const block = (...parts: (number | string)[]): Buffer => {
  const of = bytes(...parts);
  return Buffer.concat([bytes(...word(of.length)), of]);
};
/** One byte, and itself behind it so many times that the length takes two more bytes; then five bytes as they are. */
const long = block(0x1f, 'a', 1, 0, 255, 10, 0x50, 'bcdef');
const longText = `${'a'.repeat(1 + 15 + 255 + 10 + 4)}bcdef`;

describe('an LZ4 frame', () => {
  it('is undone: literals, what repeats itself, and blocks as they were', () => {
    expect(unlz4(lz4(0x60, long), 1_000).toString()).toBe(longText);
    expect(unlz4(lz4(0x68, long), 1_000).toString()).toBe(longText);
    // A match may lie in the block before.
    const before = block(0x50, 'hello');
    const behind = block(0x01, 5, 0, 0x10, '!');
    expect(unlz4(lz4(0x40, before, behind), 1_000).toString()).toBe('hellohello!');
    const plain = Buffer.concat([bytes(...word(0x80000003)), bytes('abc')]);
    expect(unlz4(lz4(0x60, plain), 1_000).toString()).toBe('abc');
    expect(unlz4(lz4(0x60), 1_000)).toHaveLength(0);
    const sum = bytes(...word(1));
    expect(unlz4(lz4(0x70, long, sum), 1_000).toString()).toBe(longText);
  });

  it('is refused where it is larger than its bound, cut off or something else', () => {
    expect(() => unlz4(lz4(0x60, long), longText.length - 1)).toThrow(TooLarge);
    const whole = lz4(0x60, long);
    for (let length = 0; length < whole.length; length += 1)
      expect(() => unlz4(whole.subarray(0, length), 1_000)).toThrow(RangeError);
    for (const wrong of [lz4(0xa0, long), lz4(0x61, long), lz4(0x60, block(0x11, 'a', 2, 0)), bytes('plain text')])
      expect(() => unlz4(wrong, 1_000)).toThrow(RangeError);
  });
});

describe('Snappy', () => {
  // Three literals; four bytes again by an offset of one byte, six by one of two and two by one of four.
  const mixed = bytes(15, 2 << 2, 'abc', 1, 3, (5 << 2) | 2, 3, 0, (1 << 2) | 3, 1, 0, 0, 0);
  const mixedText = 'abcabcabcabcaaa';
  it('is undone: a block, a long literal, and the chain of blocks that Java writes', () => {
    expect(unsnappy(mixed, 1_000)).toHaveLength(15);
    expect(unsnappy(mixed, 1_000).toString().slice(0, 13)).toBe(mixedText.slice(0, 13));
    const text = 'x'.repeat(300);
    expect(unsnappy(bytes(0xac, 2, 61 << 2, 43, 1, text), 1_000).toString()).toBe(text);
    const chained = (of: Buffer): Buffer => Buffer.concat([bytes(...word(of.length).reverse()), of]);
    const versions = bytes(...word(1), ...word(1));
    const name = bytes(0x82, 'SNAPPY', 0);
    const chain = Buffer.concat([Buffer.from([0x82]), bytes('SNAPPY', 0), versions, chained(mixed), chained(mixed)]);
    expect(name.length).toBeGreaterThan(7);
    expect(unsnappy(chain, 1_000)).toEqual(Buffer.concat([unsnappy(mixed, 100), unsnappy(mixed, 100)]));
  });

  it('is refused where it is larger than its bound, cut off or something else', () => {
    expect(() => unsnappy(mixed, 14)).toThrow(TooLarge);
    for (let length = 0; length < mixed.length; length += 1)
      expect(() => unsnappy(mixed.subarray(0, length), 1_000)).toThrow(RangeError);
    expect(() => unsnappy(bytes(4, 1, 9), 1_000)).toThrow(RangeError);
  });
});
