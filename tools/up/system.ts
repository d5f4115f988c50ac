// PostgreSQL, Kafka and the five services as processes. A service that dies is started again.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { givenPostgres, portInUse, startKafka, startPostgres } from '@govbus/embedded';
import { applyTopics, readTopics } from '@govbus/messaging';
import { type Keys, keysIn } from './keys.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const services = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'] as const;
export type Service = (typeof services)[number];
export type RunningSystem = {
  dir: string;
  urls: Record<Service, string>;
  keys: Keys;
  stop: () => Promise<void>;
};
type Options = { dir: string; base: number; reset: boolean; say: (text: string) => void };

const auditOrigin = 'govbus.local/audit';
const maxLogBytes = 50 * 1024 * 1024;
/** A service that dies is started again after this, doubled each time up to ten seconds. */
const restartAfterMs = 250;

/**
 * Starts everything and waits until it is ready.
 *
 * Shape: `DATABASE_URL` and `KAFKA_BROKERS` in the environment name servers to use instead of own ones. Data, keys and logs in `dir`, thrown away first with `reset`; services on `base + 1` to `base + 5`. What a killed run left there is ended first.
 * Errors: one line that says what to do: a port in use, no Java, a service that does not become ready.
 */
export async function startSystem({ dir, base, reset, say }: Options): Promise<RunningSystem> {
  const graceMs = (await endLeftOvers(dir)) ? 10_000 : 0;
  const ports = Object.fromEntries(services.map((service, i) => [service, base + 1 + i])) as Record<Service, number>;
  for (const [service, port] of Object.entries(ports))
    if (!(await becomesFree(port, graceMs)))
      throw new Error(`${service} needs port ${port}, which is in use: stop what listens there, or use --port`);
  // Not before it is sure that nothing runs on these data.
  if (reset) rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(dir, 'logs'), { recursive: true });
  const keys = keysIn(join(dir, 'keys'), auditOrigin);
  say('starting PostgreSQL and Apache Kafka');
  const { DATABASE_URL: database, KAFKA_BROKERS: brokers } = process.env;
  const [postgres, kafka] = await both(
    database ? givenPostgres(database) : startPostgres({ dir: join(dir, 'postgres'), port: base + 8432 }),
    brokers ? { brokers, stop: () => Promise.resolve() } : startKafka({ dir: join(dir, 'kafka'), port: base + 12092 }),
  );
  const topics = readTopics(readFileSync(join(root, 'deploy/topics.yaml'), 'utf8'));
  const made = await applyTopics({ brokers: kafka.brokers.split(','), topics, profile: 'single-node' });
  say(`PostgreSQL and Kafka are up${made.length > 0 ? `; ${made.length} topics made` : ''}; the services start`);
  const urls = Object.fromEntries(services.map((s) => [s, `http://127.0.0.1:${ports[s]}`])) as Record<Service, string>;
  const supervisor = new Supervisor(dir, say);
  const stop = async (): Promise<void> => {
    await supervisor.stop();
    await Promise.all([kafka.stop(), postgres.stop()]);
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

class Supervisor {
  private readonly children = new Map<Service, ChildProcess>();
  private readonly dir: string;
  private readonly say: (text: string) => void;
  private isStopping = false;
  private isUp = false;

  constructor(dir: string, say: (text: string) => void) {
    this.dir = dir;
    this.say = say;
  }

  start(service: Service, env: NodeJS.ProcessEnv, failures = 0): void {
    const file = logFile(this.dir, service);
    if (existsSync(file) && statSync(file).size > maxLogBytes) truncateSync(file);
    const log = openSync(file, 'a');
    const main = join(root, 'apps', service, 'dist/main.js');
    const run = [process.execPath, '--disable-warning=TimeoutNegativeWarning', main];
    // The kernel ends the service when this process dies, however it dies.
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...run], { env, stdio: ['ignore', log, log] });
    this.children.set(service, child);
    this.remember();
    const began = performance.now();
    child.once('exit', (code, signal) => {
      if (this.isStopping || !this.isUp) return;
      const again = performance.now() - began > 30_000 ? 0 : failures + 1;
      const waitMs = Math.min(restartAfterMs * 2 ** again, 10_000);
      this.say(`${service} ended (${signal ?? code}); it is started again (log: ${file})`);
      setTimeout(() => this.isStopping || this.start(service, env, again), waitMs);
    });
  }

  async untilReady(service: Service, url: string): Promise<void> {
    const deadline = performance.now() + 120_000;
    for (;;) {
      const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
      if (answer?.ok) break;
      const child = this.children.get(service);
      if (child?.exitCode !== null || child.signalCode !== null || performance.now() > deadline)
        throw new Error(`${service} did not become ready: see ${logFile(this.dir, service)}`);
      await pause(100);
    }
  }

  /** From now on, what dies is started again. */
  watch(): void {
    this.isUp = true;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([...this.children.values()].map((child) => end(child)));
  }

  // For whoever looks after a run that was killed, and for tests that kill one service.
  private remember(): void {
    const pids = Object.fromEntries([...this.children].map(([service, { pid }]) => [service, pid]));
    // Whole or not at all, for whoever reads it at this moment.
    const file = processesFile(this.dir);
    writeFileSync(`${file}.new`, JSON.stringify(pids, null, 2));
    renameSync(`${file}.new`, file);
  }
}

const logFile = (dir: string, service: Service): string => join(dir, 'logs', `${service}.log`);
const processesFile = (dir: string): string => join(dir, 'processes.json');

// Only a process that is one of our services, by its command line: the number may belong to somebody else by now.
async function endLeftOvers(dir: string): Promise<boolean> {
  if (!existsSync(processesFile(dir))) return false;
  const pids = JSON.parse(readFileSync(processesFile(dir), 'utf8')) as Record<string, number>;
  for (const [service, pid] of Object.entries(pids)) {
    const isOurs = (): boolean => commandOf(pid).includes(join('apps', service, 'dist/main.js'));
    if (!isOurs()) continue;
    process.kill(pid, 'SIGKILL');
    while (isOurs()) await pause(20);
  }
  rmSync(processesFile(dir), { force: true });
  return true;
}

// The last threads of a process that was killed may hold its port a moment longer than its name.
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

type Stoppable = { stop: () => Promise<void> };
// When one of the two cannot start, the other must not stay behind.
async function both<A extends Stoppable, B extends Stoppable>(a: A | Promise<A>, b: B | Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  for (const started of [first, second]) if (started.status === 'fulfilled') await started.value.stop();
  throw (first as PromiseRejectedResult).reason ?? (second as PromiseRejectedResult).reason;
}
