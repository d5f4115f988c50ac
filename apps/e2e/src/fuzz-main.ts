import { parseArgs } from 'node:util';
import { findSchemathesis, fuzz, fuzzRoles, howToInstall, prepare } from './fuzz';
import { RunningCity } from './running-city';

const help = `npm run fuzz -- [--seed N] [--seconds S]

Starts a city of its own and lets schemathesis send hostile requests to every route of the exchange, made from its
OpenAPI document: as a publisher, as a consumer and as an administrator. Exits 1 when an answer is a fault of ours, is not
as documented, or takes what the document forbids, and when the exchange does not stay healthy.

  --seed N      the same requests as an earlier run (printed at the start)
  --seconds S   how long for each of the three (default 120, at most 500)

Schemathesis is a Python program and no part of this project: SCHEMATHESIS names it, or it is installed once by
  ${howToInstall}
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      seconds: { type: 'string', default: '120' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [seed, seconds] = [Number(values.seed), Number(values.seconds)];
  // A token lasts ten minutes.
  if (!Number.isInteger(seed) || !Number.isInteger(seconds) || seconds < 1 || seconds > 500)
    throw new Error('--seed must be a number, and --seconds one from 1 to 500');
  const schemathesis = findSchemathesis();
  if (schemathesis === undefined) {
    console.error(`schemathesis is not here; install it by: ${howToInstall}`);
    return 2;
  }
  console.log(`seed ${seed}; the same requests again: npm run fuzz -- --seed ${seed} --seconds ${seconds}`);
  const city = await RunningCity.start();
  try {
    const known = await prepare(city);
    const failed: string[] = [];
    for (const role of fuzzRoles) {
      console.log(`\nas ${role}`);
      if ((await fuzz(city, { schemathesis, role, known, seconds, seed })) !== 0) failed.push(role);
    }
    if ((await fetch(`${city.url('exchange')}/health/ready`)).status !== 200) failed.push('the health of the exchange');
    if (/"msg":"request failed"|unhandled/i.test(city.logs())) failed.push('the logs, which tell of faults');
    console.log(
      failed.length === 0 ? '\nno fault found' : `\nfaults: ${failed.join(', ')}; logs in ${city.keepLogs()}`,
    );
    return failed.length === 0 ? 0 : 1;
  } finally {
    await city.remove();
  }
}

process.once('SIGINT', () => process.exit(130));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
