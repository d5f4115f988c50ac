import type { Command } from 'commander';
import { causeOf, codeOf, messageOf } from './cli-error';
import { type Connection, type ServiceName, serviceNames, readConnection } from './connection';
import type { Io } from './io';
import { table } from './table';

type Status = { service: ServiceName; url: string; ready: boolean; missing: string[] };
/** The answer of a service that is ready, or the problem of one that is not: `not ready: kafka, database`. */
type Health = { detail?: string };
const patienceMs = 5_000;
const notReady = 'not ready: ';

export function addStatus(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('status')
    .summary('which services are ready, and where they listen')
    .description('Shows the five services: ready, or what each of them lacks. Exits 0 only when all are ready.')
    .option('--json', 'one JSON document instead of the table')
    .addHelpText(
      'after',
      '\nExample:\n  govbus status && govbus publish --csv calls.csv --map calls.json --as reports-system',
    )
    .action(async (options: { json?: boolean }, command: Command) => {
      const { connection: file } = command.optsWithGlobals<{ connection?: string }>();
      const connection = readConnection({ ...(file !== undefined && { file }), env: io.env, cwd: io.cwd });
      const all = await Promise.all(serviceNames.map((service) => statusOf(service, connection)));
      if (options.json)
        await io.out(`${JSON.stringify({ ready: all.every((one) => one.ready), services: all }, null, 2)}\n`);
      else await io.out(table(['service', 'state', 'listens at'], all.map(rowOf)));
      done(all.every(({ ready }) => ready) ? 0 : 1);
    });
}

const rowOf = ({ service, url, ready, missing }: Status): string[] => [
  service,
  ready ? 'ready' : `not ready: ${missing.join(', ')}`,
  url,
];

async function statusOf(service: ServiceName, { urls }: Connection): Promise<Status> {
  const url = urls[service];
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(patienceMs) });
    const { detail } = ((await answer.json().catch(() => ({}))) ?? {}) as Health;
    const lacking = detail?.startsWith(notReady) ? detail.slice(notReady.length).split(', ') : [];
    const missing = lacking.length > 0 ? lacking.map((name) => `no ${name}`) : [`status ${answer.status}`];
    return { service, url, ready: answer.ok, missing: answer.ok ? [] : missing };
  } catch (error) {
    return { service, url, ready: false, missing: [`does not answer (${codeOf(causeOf(error)) ?? messageOf(error)})`] };
  }
}
