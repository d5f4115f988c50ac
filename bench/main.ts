// `npm run bench -- [NAME ...] [--json] [--rounds N] [--seconds S] [--events N] [--quick] [--profile]`
import { parseArgs } from 'node:util';
import { benches } from './benches/index.ts';
import type { Bench, Options } from './lib/bench.ts';
import { buildTextbook } from './lib/processes.ts';
import { keep, load, machine, type Report, tableOf, versions } from './lib/report.ts';

const help = `npm run bench -- [NAME ...] [--json] [--rounds N] [--seconds S] [--events N] [--quick] [--profile]

Benchmarks: ${benches.map(({ name }) => name).join(', ')}. Without a name, all of them. bench/README.md says how to read
the table.

  --json       the reports instead of the table
  --rounds N   measured rounds of each side (default 5)
  --seconds S  length of a round (default 8)
  --events N   events of ledger, pull and memory
  --quick      two short rounds: to see that it works, not how fast it is
  --profile    one more round with a CPU profile of the exchange in bench/results
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    events: { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const began = performance.now();
const say = (text: string): void => {
  console.error(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${text}`);
};

function positive(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`);
  return number;
}

async function main(): Promise<boolean> {
  if (values.help) {
    console.log(help);
    return true;
  }
  const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) throw new Error(`there is no benchmark \`${unknown}\`\n\n${help}`);
  const options: Options = {
    rounds: positive('rounds', values.rounds) ?? (values.quick ? 2 : 5),
    seconds: positive('seconds', values.seconds) ?? (values.quick ? 3 : 8),
    events: positive('events', values.events),
    isQuick: values.quick,
    profile: values.profile,
    say,
  };
  buildTextbook();
  const chosen = positionals.length === 0 ? benches : benches.filter(({ name }) => positionals.includes(name));
  const reports: Report[] = [];
  for (const bench of chosen) reports.push(await runOne(bench, options));
  print(reports);
  return reports.every(({ failure, lines }) => failure === undefined && lines.every(({ ok }) => ok !== false));
}

async function runOne(bench: Bench, options: Options): Promise<Report> {
  say(`${bench.name}: begins`);
  const loadBefore = load();
  const report: Report = {
    bench: bench.name,
    lines: [],
    isQuick: options.isQuick,
    at: new Date().toISOString(),
    versions: versions(),
    machine: { ...machine(), loadBefore, loadAfter: loadBefore },
  };
  try {
    Object.assign(report, await bench.run(options));
  } catch (error) {
    report.failure = error instanceof Error ? error.message : String(error);
    say(`${bench.name}: ${error instanceof Error ? error.stack : report.failure}`);
  }
  report.machine.loadAfter = load();
  keep(report);
  say(`${bench.name}: ended`);
  return report;
}

function print(reports: Report[]): void {
  if (values.json) return console.log(JSON.stringify(reports, null, 2));
  console.log(tableOf(reports));
  const { cpus, model, memoryGb } = machine();
  const [first, last] = [reports[0], reports.at(-1)];
  const loads = [first?.machine.loadBefore, last?.machine.loadAfter].map((l) => l?.join(' ') ?? '');
  console.log(`\n${cpus} x ${model}, ${memoryGb} GiB; load average ${loads.join(' before, ')} after`);
  console.log(
    Object.entries(first?.versions ?? {})
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  console.log(
    'D0: acknowledged from the page cache. D1: acknowledged after the flush to disk. The ledger is D1 always.',
  );
  if (values.quick) console.log('A quick run: it shows that the benchmarks work, not how fast anything is.');
}

main().then(
  (isGood) => process.exit(isGood ? 0 : 1),
  (error: unknown) => {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  },
);
