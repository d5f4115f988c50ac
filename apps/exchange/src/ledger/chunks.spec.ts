import { Chunks } from './chunks';

const long = 'é'.repeat(150_000);
const written = (chunks: Chunks): string => Buffer.concat(chunks.parts()).toString();

it('holds what was written in its order, whatever its length', () => {
  const chunks = new Chunks();
  expect(chunks.text(long).toString()).toBe(long);
  chunks.bytes(Buffer.from('-'));
  expect(chunks.text('x'.repeat(2_000_000))).toHaveLength(2_000_000);
  expect(chunks.text(long).toString()).toBe(long);
  expect(written(chunks)).toBe(`${long}-${'x'.repeat(2_000_000)}${long}`);
});

it('uses memory again, and lends it to one at a time', () => {
  const [first, second, third] = [new Chunks(), new Chunks(), new Chunks()];
  const memory = first.text('first').buffer;
  first.giveBack();
  first.giveBack();
  expect(second.text('second').buffer).toBe(memory);
  expect(third.text('third').buffer).not.toBe(memory);
  expect([second, third].map(written)).toEqual(['second', 'third']);
});
