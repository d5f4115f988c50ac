import { parseArgs } from 'node:util';
import { chaos } from './chaos';
import { RunningCity } from './running-city';

const help = `npm run chaos -- [--seed N] [--seconds S]

Starts a city of its own, puts load on it and kills its processes at random (exchange, Kafka, PostgreSQL and the other
services), then compares what was acknowledged with what arrived and what was recorded. Exits 1 when a promise is broken.

  --seed N      plays the kills of an earlier run again (printed at the start)
  --seconds S   how long processes are killed (default 120)
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
  const began = performance.now();
  const say = (text: string): void => {
    console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  };
  say(`seed ${values.seed}; starting a city`);
  const city = await RunningCity.start(12_000);
  try {
    const verdicts = await chaos(city, { seed: Number(values.seed), seconds: Number(values.seconds), say });
    for (const { promise, holds, seen } of verdicts) console.log(`${holds ? '✓' : '✗'}  ${promise.padEnd(62)} ${seen}`);
    return verdicts.every(({ holds }) => holds) ? 0 : 1;
  } finally {
    await city.remove();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
