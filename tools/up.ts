// `npm start`: the whole of govbus on this machine. Flags: --reset, --dir DIR, --port BASE, --brokers 1|3.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { playScene } from './up/scene.ts';
import { credentialsFile, seed } from './up/seed.ts';
import { startSystem, type RunningSystem } from './up/system.ts';

const help = `npm start -- [--reset] [--dir DIR] [--port BASE] [--brokers 1|3]

Starts PostgreSQL, Apache Kafka and the five services of govbus on this machine, seeds a small city on the first run,
and stays until Ctrl-C. The data stay in .govbus/run for the next start.

  --reset       throw the data away and begin afresh
  --dir DIR     keep data, keys and logs there instead
  --port BASE   services on BASE+1 to BASE+5 (default 7000), PostgreSQL on BASE+8432, Kafka on BASE+12092
  --brokers N   Kafka as one node (default), or as three that replicate; stays as it is until --reset

With DATABASE_URL or KAFKA_BROKERS in the environment, that PostgreSQL or Kafka is used instead of an own one: the
databases of the five services are made there.
`;

const { values } = parseArgs({
  options: {
    reset: { type: 'boolean', default: false },
    dir: { type: 'string' },
    port: { type: 'string', default: '7000' },
    brokers: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const dir = resolve(values.dir ?? join(import.meta.dirname, '../.govbus/run'));
  const base = Number(values.port);
  if (!Number.isInteger(base) || base < 1024 || base > 20_000)
    throw new Error('--port must be a number from 1024 to 20000');
  const brokers = values.brokers === '3' ? 3 : 1;
  if (String(brokers) !== values.brokers) throw new Error('--brokers must be 1 or 3');
  const began = performance.now();
  const say = (text: string): void => {
    console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  };
  const starting = startSystem({ dir, base, reset: values.reset, brokers, say });
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= (async () => {
      console.log('\nstopping ...');
      // While it is starting there is nothing to lose: the kernel ends the children with this process.
      if (isUp) await (await starting).stop();
      process.exit(0);
    })();
  };
  let isUp = false;
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const system = await starting;
  isUp = true;
  const client = await seed(system, say);
  say('playing one scene');
  const story = await playScene(system, client);
  console.log(`\n${story}\n`);
  console.log(summaryOf(system));
}

function summaryOf({ urls, dir }: RunningSystem): string {
  const lines = Object.entries(urls).map(([name, url]) => `  ${name.padEnd(14)} ${url}`);
  return `govbus is up; Ctrl-C stops it.
${lines.join('\n')}
  credentials    ${credentialsFile(dir)}
  logs           ${dir}/logs

Three things to try in another shell:
  npx govbus status
  curl -H "authorization: Bearer $(npx govbus token water-system)" ${urls['data-catalog']}/v1/agreements
  npx govbus audit verify
`;
}

main().catch((error: unknown) => {
  console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
