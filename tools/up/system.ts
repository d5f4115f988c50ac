// PostgreSQL, Kafka and the five services as processes. What dies is started again.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { givenPostgres, portInUse, startPostgres } from '@govbus/embedded';
import { applyTopics, readTopics } from '@govbus/messaging';
import { kafkaNodes, kafkaPorts, startNodes } from './kafka-nodes.ts';
import { type Keys, keysIn } from './keys.ts';
import { heldDir, processesFile, type Service, services, Supervisor } from './supervisor.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export type RunningSystem = {
  dir: string;
  urls: Record<Service, string>;
  keys: Keys;
  stop: () => Promise<void>;
};
/** `brokers` is the number of Kafka's nodes: one, or three that replicate (`cluster` in `deploy/topics.yaml`). */
type Options = { dir: string; base: number; reset: boolean; brokers?: 1 | 3; say: (text: string) => void };

const auditOrigin = 'govbus.local/audit';
const postgresPort = 8432;

/**
 * Starts everything and waits until it is ready.
 *
 * Shape: data, keys and logs in `dir`, thrown away first with `reset`; services on `base + 1` to `base + 5`. What a
 *   killed run left there is ended first. `DATABASE_URL` and `KAFKA_BROKERS` in the environment name servers to use
 *   instead of own ones.
 * Errors: one line that says what to do: a run on the same data, a port in use, no Java, a service that does not become ready.
 */
export async function startSystem({ dir, base, reset, brokers: nodes = 1, say }: Options): Promise<RunningSystem> {
  const { DATABASE_URL: database, KAFKA_BROKERS: brokers } = process.env;
  const graceMs = (await endLeftOvers(dir)) ? 30_000 : 0;
  const ports = Object.fromEntries(services.map((service, i) => [service, base + 1 + i])) as Record<Service, number>;
  const needed: [string, number][] = [
    ...Object.entries(ports),
    ...(database ? [] : [['PostgreSQL', base + postgresPort] as [string, number]]),
    ...(brokers ? [] : kafkaPorts(base, nodes).map((port): [string, number] => ['Kafka', port])),
  ];
  for (const [what, port] of needed)
    if (!(await becomesFree(port, graceMs)))
      throw new Error(`${what} needs port ${port}, which is in use: stop what listens there, or use --port`);
  // Not before it is sure that nothing runs on these data.
  if (reset) rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(dir, 'logs'), { recursive: true });
  rmSync(heldDir(dir), { recursive: true, force: true });
  // From now on a second start is refused, and what this one leaves when it is killed is waited for.
  writeFileSync(processesFile(dir), JSON.stringify({ up: process.pid }));
  const keys = keysIn(join(dir, 'keys'), auditOrigin);
  say('starting PostgreSQL and Apache Kafka');
  const ownPostgres = () => startPostgres({ dir: join(dir, 'postgres'), port: base + postgresPort });
  const [postgres, kafka] = await both(
    database ? givenPostgres(database) : ownPostgres(),
    brokers ? { brokers, nodes: [], stop: () => Promise.resolve() } : startNodes(kafkaNodes(dir, base, nodes)),
  );
  const supervisor = new Supervisor(dir, say);
  supervisor.keep('postgres', postgres, ownPostgres);
  for (const { name, server, start } of kafka.nodes) supervisor.keep(name, server, start);
  const topics = readTopics(readFileSync(join(root, 'deploy/topics.yaml'), 'utf8'));
  const made = await applyTopics({
    brokers: kafka.brokers.split(','),
    topics,
    profile: nodes === 1 ? 'single-node' : 'cluster',
  });
  say(`PostgreSQL and Kafka are up${made.length > 0 ? `; ${made.length} topics made` : ''}; the services start`);
  const urls = Object.fromEntries(services.map((s) => [s, `http://127.0.0.1:${ports[s]}`])) as Record<Service, string>;
  const stop = async (): Promise<void> => {
    await supervisor.stop();
    rmSync(processesFile(dir), { force: true });
  };
  try {
    for (const service of services) {
      const DATABASE_URL = await postgres.createDatabase(service.replace('-', '_'));
      supervisor.start(service, {
        ...process.env,
        PORT: String(ports[service]),
        PUBLIC_URL: urls[service],
        DATABASE_URL,
        KAFKA_BROKERS: kafka.brokers,
        OIDC_ISSUER: `${urls.departments}/oidc`,
        EXCHANGE_URL: urls.exchange,
        WEBHOOK_ALLOW_PRIVATE: 'true',
        AUDIT_ORIGIN: auditOrigin,
        ...keys.files,
      });
    }
    await Promise.all(services.map((service) => supervisor.untilReady(service, urls[service])));
    supervisor.watch();
  } catch (error) {
    await stop();
    throw error;
  }
  say('all five services are ready');
  return { dir, urls, keys, stop };
}

// Refuses while the run that wrote them down is alive; else ends what it left.
async function endLeftOvers(dir: string): Promise<boolean> {
  if (!existsSync(processesFile(dir))) return false;
  const { up, ...pids } = JSON.parse(readFileSync(processesFile(dir), 'utf8')) as Record<string, number>;
  const isUp = (pid: number): boolean =>
    commandOf(pid)
      .split('\0')
      .some((part) => basename(part) === 'up.ts');
  if (up !== undefined && up !== process.pid && isUp(up))
    throw new Error(`already running on ${dir} (process ${up}): stop it first, or use --dir and --port`);
  for (const [service, pid] of Object.entries(pids)) {
    // By its command line: the number may belong to somebody else by now.
    const isOurs = (): boolean => commandOf(pid).includes(join('apps', service, 'dist/main.js'));
    if (!isOurs()) continue;
    process.kill(pid, 'SIGKILL');
    while (isOurs()) await pause(20);
  }
  rmSync(processesFile(dir), { force: true });
  return true;
}

// The last threads of a process that was killed may hold its port a moment longer than its name; PostgreSQL and Kafka
// learn from the kernel that they are to end, and write what they have before they do.
async function becomesFree(port: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (await portInUse(port)) {
    if (performance.now() >= deadline) return false;
    await pause(50);
  }
  return true;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

type Stoppable = { stop: () => Promise<void> };
// When one of the two cannot start, the other must not stay behind.
async function both<A extends Stoppable, B extends Stoppable>(a: A | Promise<A>, b: B | Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  for (const started of [first, second]) if (started.status === 'fulfilled') await started.value.stop();
  throw (first as PromiseRejectedResult).reason ?? (second as PromiseRejectedResult).reason;
}
