import { LineReader } from './line-reader';

function linesOf(chunks: string[], maxBytes = 8): string[] {
  const reader = new LineReader(maxBytes);
  const read: string[] = [];
  const note = ({ index, bytes }: { index: number; bytes: Buffer | undefined }) =>
    read.push(`${index}:${bytes?.toString() ?? 'too long'}`);
  for (const chunk of chunks) for (const line of reader.take(Buffer.from(chunk))) note(line);
  for (const line of reader.end()) note(line);
  return read;
}

describe('LineReader', () => {
  const text = 'one\n\n\r\ntwo\r\n12345678\n123456789\nthree';
  const lines = ['0:one', '3:two\r', '4:12345678', '5:too long', '6:three'];

  it.each([1, 2, 3, 5, 7, 100])('cuts the same lines from chunks of %i', (size) => {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
      text.slice(i * size, (i + 1) * size),
    );
    expect(linesOf(chunks)).toEqual(lines);
  });
  it('reads nothing from nothing, and no line after the last line end', () => {
    expect(linesOf([])).toEqual([]);
    expect(linesOf(['a\n'])).toEqual(['0:a']);
  });
  it('goes on behind a line that is never held', () => {
    expect(linesOf([...Array<string>(1000).fill('xxxxxxxxxx'), '\nnext\n'])).toEqual(['0:too long', '1:next']);
  });
  it('names a last line that is too long', () => {
    expect(linesOf(['xxxxxxxxxx'])).toEqual(['0:too long']);
  });
});
