import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../cli-error';
import { openCsv, type Row } from './csv-file';
import { notUtf8 } from './utf8';

const dir = mkdtempSync(join(tmpdir(), 'govbus-csv-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const fileOf = (content: string | Buffer): string => {
  const path = join(dir, 'file.csv');
  writeFileSync(path, content);
  return path;
};

async function read(content: string | Buffer): Promise<{ columns: string[]; rows: Row[]; fault?: string }> {
  const csv = await openCsv(fileOf(content));
  const rows: Row[] = [];
  try {
    for await (const row of csv.rows()) rows.push(row);
    return { columns: csv.columns, rows };
  } catch (error) {
    return { columns: csv.columns, rows, fault: messageOf(error).replace(/^.*file\.csv, /, '') };
  }
}

const long = 'x'.repeat(300);

describe('the rows of a CSV file', () => {
  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('know the line they begin on: %s', async (_, br) => {
    const text = ['\ufeffa, b', '1,2', '', '"x', 'y",3', '4,"say ""hi"""', '5,6'].join(br);
    const { columns, rows } = await read(text);
    expect(columns).toEqual(['a', 'b']);
    expect(rows).toEqual([
      { number: 1, line: 2, cells: ['1', '2'] },
      { number: 2, line: 4, cells: [`x${br}y`, '3'] },
      { number: 3, line: 6, cells: ['4', 'say "hi"'] },
      { number: 4, line: 7, cells: ['5', '6'] },
    ]);
  });

  it('come whole and in order from a file of many chunks, whatever the characters', async () => {
    const texts = Array.from({ length: 3_000 }, (_, i) => `${i} 路面漏水 😀 ${'é'.repeat(i % 97)}`);
    const { rows } = await read(`n,text\r\n${texts.map((text, i) => `${i},"${text}\r\nmore"`).join('\r\n')}\r\n`);
    expect(rows.map(({ cells }) => cells[1])).toEqual(texts.map((text) => `${text}\r\nmore`));
    expect(rows.map(({ line }) => line)).toEqual(texts.map((_, i) => 2 + 2 * i));
  });

  it('with other lengths are given as they are', async () => {
    expect((await read('a,b\n1\n1,2,3\n')).rows.map(({ cells }) => cells.length)).toEqual([1, 3]);
  });

  it('are none below a header alone', async () => expect((await read('a,b\n')).rows).toEqual([]));
});

describe('a fault of the file', () => {
  it.each([
    ['a quote that is never closed', `3,"open\n${'4,5\n'.repeat(10)}`, 'line 3: a quote is opened and never closed'],
    ['a quote inside a cell', '3,5" pipe\n4,5\n', 'line 3: a quote stands inside a cell'],
    ['text after a closing quote', '\n3,"x"y\n4,5\n', 'line 4: something follows a closing quote'],
    ['a quote that swallows the rest', `3,"open\n${`${long}\n`.repeat(5_000)}`, 'line 3: the row is longer than 1 MiB'],
  ])('comes after the good rows, with its line: %s', async (_, text, expected) => {
    const { rows, fault } = await read(`a,b\n1,2\n${text}`);
    expect(rows.map(({ cells }) => cells)).toEqual([['1', '2']]);
    expect(fault).toContain(expected);
  });

  it('keeps the rows of the chunks before it', async () => {
    const good = Array.from({ length: 4_000 }, (_, i) => `${i},${long}\n`).join('');
    const { rows, fault } = await read(`a,b\n${good}9,"x" y\n`);
    expect(rows).toHaveLength(4_000);
    expect(fault).toContain('line 4002:');
  });

  it.each([
    ['UTF-16 with its mark', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), 'UTF-16'],
    ['UTF-16 without it', Buffer.from('a,b\n1,2\n', 'utf16le'), 'UTF-16'],
    ['nothing', '', 'is empty'],
  ])('stops before the first row: %s', async (_, content, expected) => {
    await expect(openCsv(fileOf(content))).rejects.toThrow(expected);
  });

  it('is told for a file that is not there, and for a directory', async () => {
    await expect(openCsv(join(dir, 'none.csv'))).rejects.toThrow('does not exist');
    await expect(openCsv(dir)).rejects.toThrow('is not a file');
  });
});

it('marks only the cells that are not UTF-8', async () => {
  const latin1 = Buffer.from('caf\xe9,\xe9t\xe9\n', 'latin1');
  const { rows } = await read(Buffer.concat([Buffer.from('a,b\n路,\ufffd\n'), latin1, Buffer.from('好,x\n')]));
  expect(rows.map(({ cells }) => cells)).toEqual([
    ['路', '\ufffd'],
    [`caf${notUtf8}`, `${notUtf8}t${notUtf8}`],
    ['好', 'x'],
  ]);
});
