import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { CliError, messageOf } from '../cli-error';
import type { Refusal } from './row-mapper';

const header = 'line,id,code,detail,pointer\n';

/** The refused rows as CSV (RFC 4180). Written before the progress is, and cut back to it: a row never stands in it twice. */
export class RefusedFile {
  private readonly file: number;
  bytes: number;

  /** `keep`: the bytes that earlier runs wrote for the rows they were done with; 0 begins the file. */
  constructor(path: string, keep: number) {
    try {
      this.file = openSync(path, 'a', 0o600);
      // Another file than that of the earlier runs, or one that was emptied: there is nothing to go on with.
      this.bytes = fstatSync(this.file).size < keep ? 0 : keep;
      ftruncateSync(this.file, this.bytes);
    } catch (error) {
      throw new CliError(`${path} cannot be written: ${messageOf(error)}`, 'name another file with --refused FILE');
    }
    if (this.bytes === 0) this.write(header);
  }

  add(refusals: Refusal[]): void {
    if (refusals.length > 0) this.write(refusals.map(lineOf).join(''));
  }

  close(): void {
    closeSync(this.file);
  }

  private write(text: string): void {
    this.bytes += writeSync(this.file, text);
  }
}

const lineOf = ({ line, id, code, detail, pointer }: Refusal): string =>
  `${[String(line), id, code, detail, pointer].map(cellOf).join(',')}\n`;
const cellOf = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
