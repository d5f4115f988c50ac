import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError, messageOf, ServiceAway } from '../cli-error';
import type { Io } from '../io';
import { wholeNumber } from '../options';
import { Progress } from '../progress';
import { type Session, sessionOf } from '../session';
import { openCsv } from './csv-file';
import { EventSender } from './event-sender';
import { publish, type Summary } from './publish';
import { PublishState } from './publish-state';
import { RefusedFile } from './refused-file';
import { readMap } from './row-map';
import { type Refusal, rowMapper } from './row-mapper';

type Options = {
  csv: string;
  map: string;
  as: string;
  batch: number;
  inFlight: number;
  patience: number;
  dataset?: string;
  refused?: string;
  restart?: boolean;
  json?: boolean;
};

/** The exchange takes no more events in one request. */
export const maxBatch = 1_000;
const shownRefusals = 5;
const someRefused = 3;

const example = `
The map says how a row becomes an event:
  {
    "dataset": "city-calls",
    "type": "call.recorded",
    "source": "/agency/{Agency}",
    "id": "{Unique Key}",
    "time": { "column": "Created Date", "format": "M/D/YYYY H:mm", "zone": "America/New_York" },
    "where": { "Agency": ["NYPD", "DSNY"] },
    "data": {
      "/reportId": "Unique Key",
      "/latitude": { "column": "Latitude", "type": "number" },
      "/address/street": "Street Name"
    }
  }
Types: text, number, integer, boolean, time. Empty cells are left out. Formats of times: YYYY M MM D DD H HH h hh A m mm
s ss SSS.

A row that is refused does not hold up the others. A run that was stopped goes on where it was when it is started again;
no event is published twice, because the exchange knows it by its source and id.

Exit code: 0 all accepted, 3 some rows refused, 1 stopped before the end, 2 wrong usage.

Example:
  govbus publish --csv calls.csv --map calls.json --as reports-system --refused refused.csv`;

export function addPublish(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('publish')
    .summary('publish the rows of a CSV file of any size as events')
    .description('Publishes each row of a CSV file (UTF-8, comma, one header line) as a CloudEvent.')
    .requiredOption('--csv <file>', 'the CSV file')
    .requiredOption('--map <file>', 'how a row becomes an event (JSON, below)')
    .requiredOption('--as <system>', 'the system that publishes')
    .option('--dataset <id>', 'the dataset, instead of that of the map')
    .option('--batch <events>', 'events in one request', wholeNumber(1, maxBatch), 100)
    .option(
      '--in-flight <requests>',
      'requests on their way at once; more than one may change the order of rows with the same key',
      wholeNumber(1, 16),
      1,
    )
    .option(
      '--patience <seconds>',
      'how long to wait for an exchange that is away or busy',
      wholeNumber(0, 86_400),
      120,
    )
    .option('--refused <file>', 'write the refused rows there, as CSV: line,id,code,detail,pointer')
    .option('--restart', 'begin with the first row again')
    .option('--json', 'the summary as JSON')
    .addHelpText('after', example)
    .action(async (options: Options, command: Command) => {
      const { summary, error } = await runPublish(options, sessionOf(command, io), io);
      // Nothing came of it: the reason says all.
      if (error !== undefined && summary.rows === 0 && !options.json) throw error;
      await io.out(options.json ? `${JSON.stringify(summary)}\n` : textOf(summary));
      if (error !== undefined) throw explained(error, summary);
      done(summary.refused > 0 ? someRefused : 0);
    });
}

async function runPublish(options: Options, { client, connection }: Session, io: Io) {
  const map = readMap(resolve(io.cwd, options.map), options.dataset);
  const csv = await openCsv(resolve(io.cwd, options.csv));
  const mapper = rowMapper(map, csv.columns, csv.path);
  // Before the first row: a principal that is not known here is not the file's fault.
  await client.token(options.as).catch((error: unknown) => {
    if (!(error instanceof ServiceAway)) throw error;
  });
  const { path: file, size, modifiedMs } = csv;
  const { exchange } = connection.urls;
  const job = { exchange, file, size, modifiedMs, map, system: options.as, dataset: map.dataset };
  const state = new PublishState(join(dirname(connection.file), 'publish'), job);
  if (options.restart) state.restart();
  const progress = new Progress(io, 'publishing');
  const rowsBefore = state.progress.rows;
  if (state.progress.done > 0) progress.say(`going on after row ${state.progress.done}; --restart begins again`);
  const refusedFile = options.refused
    ? new RefusedFile(resolve(io.cwd, options.refused), state.progress.refusedBytes)
    : undefined;
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, io.stopSignal()]);
  const onWait = (reason: string): void =>
    progress.say(`the exchange cannot take events (${reason}); trying again for up to ${options.patience} s`);
  const patience = { patienceMs: options.patience * 1000, onWait, signal };
  const sender = new EventSender({
    client,
    system: options.as,
    exchange,
    dataset: map.dataset,
    patience,
  });
  try {
    return await publish({
      csv,
      map: mapper,
      sender,
      state,
      batch: options.batch,
      inFlight: options.inFlight,
      signal,
      ...(refusedFile ? { refusedFile } : { onRefused: firstRefusals(progress) }),
      onProgress: (now) => progress.update(csv.readBytes(), csv.size, noteOf(now, rowsBefore)),
    });
  } finally {
    // What still waits for the exchange would keep the process.
    ended.abort();
    progress.stop();
    refusedFile?.close();
  }
}

function firstRefusals(progress: Progress): (refusals: Refusal[]) => void {
  let shown = 0;
  return (refusals) => {
    for (const { line, code, detail } of refusals) {
      shown += 1;
      if (shown <= shownRefusals) progress.say(`line ${line} refused: ${detail} (${code})`);
      if (shown === shownRefusals + 1) progress.say('more rows are refused; --refused FILE lists them all');
    }
  };
}

const noteOf = ({ rows, refused, seconds }: Summary, rowsBefore: number): string =>
  `${rows} rows, ${refused} refused, ${Math.round((rows - rowsBefore) / Math.max(seconds, 0.001))} rows/s`;

function textOf({ rows, accepted, refused, refusedByCode, passedOver, seconds, resumedAfter }: Summary): string {
  const lines = [
    `rows      ${rows}${resumedAfter > 0 ? ` (${resumedAfter} of the file done by earlier runs)` : ''}`,
    `accepted  ${accepted}`,
    `refused   ${refused}`,
    ...Object.entries(refusedByCode).map(([code, count]) => `  ${code}  ${count}`),
    ...(passedOver > 0 ? [`left out  ${passedOver} (by the map's where)`] : []),
    `seconds   ${seconds}`,
  ];
  return `${lines.join('\n')}\n`;
}

function explained(error: unknown, { accepted, refused }: Summary): CliError {
  const so = `${accepted} rows are published and ${refused} refused so far; a rerun resumes there, and nothing is published twice`;
  return new CliError(messageOf(error), so, { cause: error });
}
