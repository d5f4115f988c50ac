import { parseArgs } from 'node:util';
import { chaos, cityForChaos } from './chaos';
import type { Verdict } from './chaos/verdicts';

const help = `npm run chaos -- [--seed N] [--seconds S] [--outage S] [--hold S] [--brokers 1|3] [--apart]

Starts a city of its own, puts load on it (publishing single events, batches and streams; pulling, webhooks,
server-sent events) and disturbs it in random order: kill -9 of exchange, Kafka, PostgreSQL and the other services;
PostgreSQL and Kafka away for a while; a full disk under the outbox; the clock of the exchange an hour ahead and
behind; a second exchange that comes and is killed; a webhook receiver that is away; a puller that is killed;
agreements revoked meanwhile. Then it compares what was acknowledged with what arrived and what was recorded, and
prints a table. Exits 1 when a promise is broken.

  --seed N      plays the order of an earlier run again (printed at the start)
  --seconds S   disturbs for so long (default 120); each disturbance happens at least once, however long that takes
  --outage S    how long PostgreSQL and Kafka are away (default 60)
  --hold S      how long the other disturbances last (default 6)
  --apart       the ledger is written by a process of its own, which is killed as well
  --brokers N   Kafka as one node (default), or as three of which one is killed and away for a while (heavy)

Where this process may mount a file system (root on Linux), the outbox lies on a small one and that is filled;
elsewhere a trigger refuses rows with PostgreSQL's code for a full disk, and the run says so.
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      seconds: { type: 'string', default: '120' },
      outage: { type: 'string', default: '60' },
      hold: { type: 'string', default: '6' },
      brokers: { type: 'string', default: '1' },
      apart: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const times = { seconds: numberOf('seconds'), outageSeconds: numberOf('outage'), holdSeconds: numberOf('hold') };
  const seed = numberOf('seed');
  if (values.brokers !== '1' && values.brokers !== '3') throw new Error('--brokers must be 1 or 3');
  const brokers = values.brokers === '3' ? 3 : 1;
  const began = performance.now();
  const say = (text: string): void => {
    console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  };
  const again = `--seed ${seed} --seconds ${times.seconds} --outage ${times.outageSeconds} --hold ${times.holdSeconds} --brokers ${brokers}${values.apart ? ' --apart' : ''}`;
  say(`seed ${seed}; the same order again: npm run chaos -- ${again}`);
  const city = await cityForChaos(brokers);
  try {
    const verdicts = await chaos(city, {
      ...times,
      seed,
      brokers,
      apart: values.apart,
      pauseSeconds: 5,
      form: 'full',
      say,
    });
    console.log(`\n${tableOf(verdicts)}\n`);
    const isGood = verdicts.every(({ holds }) => holds);
    if (isGood) console.log('every promise held');
    else console.log(`a promise is broken; logs in ${city.keepLogs()}; again: npm run chaos -- ${again}`);
    return isGood ? 0 : 1;
  } catch (error) {
    console.log(`logs in ${city.keepLogs()}; again: npm run chaos -- ${again}`);
    throw error;
  } finally {
    await city.remove();
  }

  function numberOf(flag: 'seed' | 'seconds' | 'outage' | 'hold'): number {
    const number = Number(values[flag]);
    if (!Number.isFinite(number) || number < 0) throw new Error(`--${flag} must be a number from 0`);
    return number;
  }
}

const tableOf = (verdicts: Verdict[]): string =>
  verdicts.map(({ promise, holds, seen }) => `${holds ? '✓' : '✗'}  ${promise.padEnd(70)} ${seen}`).join('\n');

// So that what was mounted is taken away.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
