import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parse, type Parser } from 'csv-parse';
import { CliError, codeOf } from '../cli-error';
import { RowLines } from './row-lines';
import { markInvalidUtf8, Utf8Chunks } from './utf8';

/** `number` counts the rows below the header from 1; `line` is where the row begins in the file, from 1. */
export type Row = { number: number; line: number; cells: string[] };
export type CsvFile = {
  path: string;
  columns: string[];
  /** Bytes in all, and how many have been read. */
  size: number;
  readBytes: () => number;
  modifiedMs: number;
  /** Once. Errors: `CsvFault` after every row in front of the fault. */
  rows: () => AsyncGenerator<Row>;
};

/** The file cannot be read any further. */
export class CsvFault extends CliError {}

/** Longest row, in bytes. A quote that is never closed would swallow the file, so this also bounds the memory. */
const maxRowBytes = 1024 * 1024;
const faults: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quote (a quote inside a cell is written twice)',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that is not quoted',
  CSV_MAX_RECORD_SIZE: 'the row is longer than 1 MiB; is a quote not closed',
};

/**
 * A CSV file (RFC 4180, comma, UTF-8) with its header read; rows come in order, in constant memory.
 *
 * Errors: `CliError` when it cannot be read, is empty, or is UTF-16.
 */
export async function openCsv(path: string): Promise<CsvFile> {
  const found = await stat(path).catch((error: unknown) => {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${codeOf(error) ?? 'unknown'})`;
    throw new CliError(`${path} ${why}`, 'name the CSV file with --csv FILE');
  });
  if (!found.isFile()) throw new CliError(`${path} is not a file`, 'name the CSV file with --csv FILE');
  const read = { bytes: 0 };
  const all = rowsOf(path, read);
  const first = await all.next();
  if (first.done)
    throw new CsvFault(`${path} is empty`, 'its first line must name the columns, and the rows follow below');
  return {
    path,
    columns: first.value.cells.map((name) => name.trim()),
    size: found.size,
    modifiedMs: found.mtimeMs,
    readBytes: () => read.bytes,
    rows: () => all,
  };
}

type Parsed = { cells: string[]; endByte: number };

async function* rowsOf(path: string, read: { bytes: number }): AsyncGenerator<Row> {
  const parsed: Parsed[] = [];
  const parser = newParser(parsed);
  const lines = new RowLines();
  let number = 0;
  const next = (row: Parsed): Row => ({ number: number++, line: lines.next(row.endByte), cells: row.cells });
  for await (const chunk of textChunks(path, read)) {
    lines.add(chunk);
    const error = await feed(parser, chunk);
    // What was parsed before the fault is good, and comes first.
    yield* parsed.splice(0).map(next);
    if (error) throw faultOf(path, error, lines);
  }
  const error = await finish(parser);
  yield* parsed.splice(0).map(next);
  if (error) throw faultOf(path, error, lines);
}

// The parser as a readable stream would drop the rows it has ready when a fault comes: they are taken as they are made.
function newParser(parsed: Parsed[]): Parser {
  return parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRowBytes,
    on_record: (cells: string[], { bytes }) => {
      parsed.push({ cells, endByte: bytes });
      return null;
    },
  })
    .on('error', () => undefined)
    .resume();
}

const feed = (parser: Parser, chunk: Buffer): Promise<Error | undefined> =>
  new Promise((resolve) => parser.write(chunk, (error) => resolve(error ?? undefined)));

const finish = (parser: Parser): Promise<Error | undefined> =>
  new Promise((resolve) => {
    parser.once('error', resolve).once('close', () => resolve(undefined));
    parser.end();
  });

async function* textChunks(path: string, read: { bytes: number }): AsyncGenerator<Buffer> {
  const whole = new Utf8Chunks();
  let isFirst = true;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (isFirst) refuseUtf16(path, chunk);
    isFirst = false;
    read.bytes += chunk.length;
    const content = whole.add(chunk);
    if (content.length > 0) yield markInvalidUtf8(content);
  }
  const rest = whole.rest();
  if (rest.length > 0) yield markInvalidUtf8(rest);
}

function refuseUtf16(path: string, [first, second, third, fourth]: Buffer): void {
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const looksSo = (first === 0 && third === 0) || (second === 0 && fourth === 0);
  if (hasMark || looksSo)
    throw new CsvFault(`${path}, line 1: the file is UTF-16`, 'save it as UTF-8 and run the same command again');
}

function faultOf(path: string, error: Error, lines: RowLines): CsvFault {
  const what = faults[codeOf(error) ?? ''] ?? error.message;
  return new CsvFault(
    `${path}, line ${lines.nextLine()}: ${what}`,
    'the rest cannot be trusted: correct the line and run the same command again',
  );
}
