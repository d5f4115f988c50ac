import { CliError, messageOf } from '../cli-error';
import type { CsvFile } from './csv-file';
import type { EventSender, Verdict } from './event-sender';
import type { PublishState } from './publish-state';
import type { RefusedFile } from './refused-file';
import type { PreparedEvent, Refusal, RowMapper } from './row-mapper';

/** What the machine-readable summary says. Counts are over all runs of the same job; `seconds` are of this run. */
export type Summary = {
  rows: number;
  accepted: number;
  refused: number;
  refusedByCode: Record<string, number>;
  /** Rows that the map's `where` does not ask for. */
  passedOver: number;
  seconds: number;
  /** Rows that earlier runs were done with. */
  resumedAfter: number;
  /** Why it stopped before the end. */
  stopped?: string;
};
export type PublishJob = {
  csv: CsvFile;
  map: RowMapper;
  sender: EventSender;
  state: PublishState;
  batch: number;
  inFlight: number;
  /** Stops it at the next batch. */
  signal?: AbortSignal;
  refusedFile?: RefusedFile;
  onProgress?: (summary: Summary) => void;
  onRefused?: (refusals: Refusal[]) => void;
};

/** A part of the file: its events, the rows refused here, and the last row of it. */
type Part = {
  events: PreparedEvent[];
  refused: Refusal[];
  passedOver: number;
  bytes: number;
  from: number;
  through: number;
};

/** Bytes of events in one request: the exchange takes 8 MiB. */
const maxPartBytes = 4 * 1024 * 1024;
/** Rows after which a part ends though few of them are asked for, so that the progress is kept. */
const maxPartRows = 5_000;

/**
 * Publishes the rows that earlier runs were not done with: a few batches on their way, the progress kept in the order
 * of the file, so that a rerun leaves nothing out.
 *
 * Errors: none for what stops it before the end; `error` has it, and the summary counts what is done.
 */
export async function publish(job: PublishJob): Promise<{ summary: Summary; error?: unknown }> {
  const began = performance.now();
  const resumedAfter = job.state.progress.done;
  const summary = (): Summary => {
    const { rows, accepted, refused, refusedByCode, passedOver } = job.state.progress;
    const seconds = Math.round(performance.now() - began) / 1000;
    return { rows, accepted, refused, refusedByCode: { ...refusedByCode }, passedOver, seconds, resumedAfter };
  };
  const sending: { part: Part; verdict: Promise<Verdict> }[] = [];
  const settleFirst = async (): Promise<void> => {
    const first = sending.shift();
    if (!first) return;
    settle(job, first.part, await first.verdict);
    job.onProgress?.(summary());
  };
  try {
    let fault: unknown;
    for await (const part of partsOf(job, resumedAfter, (error) => (fault = error))) {
      if (job.signal?.aborted) throw stopped();
      const verdict = job.sender.send(part.events);
      // It is awaited in its turn; until then a failure must not end the process.
      verdict.catch(() => undefined);
      sending.push({ part, verdict });
      if (sending.length >= job.inFlight) await settleFirst();
    }
    while (sending.length > 0) await settleFirst();
    if (fault !== undefined) throw fault;
    return { summary: summary() };
  } catch (thrown) {
    const error = job.signal?.aborted ? stopped() : thrown;
    return { summary: { ...summary(), stopped: messageOf(error) }, error };
  }
}

const stopped = (): CliError => new CliError('stopped', 'run the same command again to go on');

// A fault of the file ends the parts; it is told apart, because the rows in front of it are published first.
async function* partsOf(job: PublishJob, done: number, onFault: (error: unknown) => void): AsyncGenerator<Part> {
  let part = newPart(done);
  try {
    for await (const row of job.csv.rows()) {
      if (row.number <= done) continue;
      const mapped = job.map(row);
      part.through = row.number;
      if (mapped === 'passed over') part.passedOver += 1;
      else if ('refusal' in mapped) part.refused.push(mapped.refusal);
      else {
        part.events.push(mapped.event);
        part.bytes += Buffer.byteLength(mapped.event.json);
      }
      if (isFull(part, job.batch)) {
        yield part;
        part = newPart(row.number);
      }
    }
  } catch (error) {
    onFault(error);
  }
  if (part.through > part.from) yield part;
}

const newPart = (after: number): Part => ({
  events: [],
  refused: [],
  passedOver: 0,
  bytes: 0,
  from: after,
  through: after,
});
const isFull = ({ events, bytes, from, through }: Part, batch: number): boolean =>
  events.length >= batch || bytes >= maxPartBytes || through - from >= maxPartRows;

function settle({ state, refusedFile, onRefused }: PublishJob, part: Part, verdict: Verdict): void {
  const refused = [...part.refused, ...verdict.refused].sort((a, b) => a.line - b.line);
  refusedFile?.add(refused);
  onRefused?.(refused);
  const { progress } = state;
  progress.done = part.through;
  progress.rows += verdict.accepted + refused.length;
  progress.accepted += verdict.accepted;
  progress.refused += refused.length;
  progress.passedOver += part.passedOver;
  for (const { code } of refused) progress.refusedByCode[code] = (progress.refusedByCode[code] ?? 0) + 1;
  progress.refusedBytes = refusedFile?.bytes ?? 0;
  state.save();
}
