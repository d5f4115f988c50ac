import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Checkpoint } from '@govbus/tlog';
import { CliError, codeOf, messageOf } from '../cli-error';
import type { Connection } from '../connection';
import type { Remembered } from './verify-log';

/** The last verified state of each log, by its key, in `verified-log.json` beside the connection file. */
export class RememberedLog {
  readonly path: string;

  constructor({ file }: Pick<Connection, 'file'>) {
    this.path = join(dirname(file), 'verified-log.json');
  }

  /** Errors: `CliError` when the file is there and cannot be used: without it a shorter log would pass. */
  of(vkey: string): Remembered | undefined {
    return this.all()[vkey];
  }

  /** Errors: `CliError` when it cannot be written. */
  keep(vkey: string, { size, root }: Checkpoint): void {
    const all = { ...this.all(), [vkey]: { size, root: root.toString('base64'), at: new Date().toISOString() } };
    try {
      writeFileSync(`${this.path}.part`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
      renameSync(`${this.path}.part`, this.path);
    } catch (error) {
      throw new CliError(`the verified state cannot be kept: ${messageOf(error)}`, 'make its directory writable');
    }
  }

  private all(): Record<string, Remembered> {
    try {
      const content: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      if (typeof content === 'object' && content !== null && Object.values(content).every(isRemembered))
        return { ...content };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return {};
    }
    throw new CliError(
      `${this.path}, which holds what was verified before, cannot be used`,
      'move it away if you know why, and verify again',
    );
  }
}

const isRemembered = (value: unknown): value is Remembered =>
  typeof value === 'object' &&
  value !== null &&
  'size' in value &&
  Number.isSafeInteger(value.size) &&
  'root' in value &&
  typeof value.root === 'string' &&
  'at' in value &&
  typeof value.at === 'string';
