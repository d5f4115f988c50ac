import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError, codeOf, messageOf } from '../cli-error';

/** How far a file has come. Counts are over all runs. */
export type Progress = {
  /** Rows of the file, from the first, that are done with. */
  done: number;
  /** Of these: asked for by the map, accepted, refused; and those that the map does not ask for. */
  rows: number;
  accepted: number;
  refused: number;
  refusedByCode: Record<string, number>;
  passedOver: number;
  /** Bytes of the file of refused rows that belong to the rows done. */
  refusedBytes: number;
};
export type Job = {
  /** Address of the exchange: what one has taken, another has not. */
  exchange: string;
  file: string;
  size: number;
  modifiedMs: number;
  map: unknown;
  system: string;
  dataset: string;
};

const fresh = (): Progress => ({
  done: 0,
  rows: 0,
  accepted: 0,
  refused: 0,
  refusedByCode: {},
  passedOver: 0,
  refusedBytes: 0,
});

/**
 * Keeps the progress of one job in a file named by all that makes it the same job: another file, map, system or exchange is
 * another.
 */
export class PublishState {
  readonly path: string;
  progress: Progress;

  constructor(
    dir: string,
    private readonly job: Job,
  ) {
    const { exchange, file, size, modifiedMs, map, system, dataset } = job;
    const parts = [exchange, file, size, modifiedMs, map, system, dataset];
    const digest = createHash('sha256').update(JSON.stringify(parts));
    this.path = join(dir, `${digest.digest('hex')}.json`);
    this.progress = this.read();
  }

  restart(): void {
    rmSync(this.path, { force: true });
    this.progress = fresh();
  }

  /** Whole or not at all: a crash leaves the state before. Errors: `CliError`. */
  save(): void {
    const unfinished = `${this.path}.part`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(unfinished, JSON.stringify({ ...this.job, map: undefined, ...this.progress }), { mode: 0o600 });
      renameSync(unfinished, this.path);
    } catch (error) {
      throw new CliError(
        `the progress cannot be kept: ${messageOf(error)}`,
        'make the directory writable, or free space',
        {
          cause: error,
        },
      );
    }
  }

  private read(): Progress {
    try {
      const kept: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      return isProgress(kept) ? pick(kept) : fresh();
    } catch (error) {
      // A file that is not JSON is as good as none: rows sent twice are known by their id.
      if (codeOf(error) === undefined || codeOf(error) === 'ENOENT') return fresh();
      throw new CliError(
        `the progress in ${this.path} cannot be read: ${messageOf(error)}`,
        'or begin again with --restart',
      );
    }
  }
}

function isProgress(value: unknown): value is Progress {
  if (typeof value !== 'object' || value === null) return false;
  const counts = ['done', 'rows', 'accepted', 'refused', 'passedOver', 'refusedBytes'];
  const found = new Map<string, unknown>(Object.entries(value));
  return counts.every((name) => Number.isInteger(found.get(name))) && typeof found.get('refusedByCode') === 'object';
}

const pick = ({ done, rows, accepted, refused, refusedByCode, passedOver, refusedBytes }: Progress): Progress => ({
  done,
  rows,
  accepted,
  refused,
  refusedByCode: { ...refusedByCode },
  passedOver,
  refusedBytes,
});
