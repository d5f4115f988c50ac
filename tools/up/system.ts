// PostgreSQL, Kafka and the services as processes; keys and secrets of the deployment are made on the first start.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { portInUse, startKafka, startPostgres } from '@govbus/embedded';
import { applyTopics, readTopics } from '@govbus/messaging';

const root = join(import.meta.dirname, '../..');
export const services = ['departments', 'data-catalog', 'exchange', 'case-routing', 'audit'] as const;
export type Service = (typeof services)[number];
export type RunningSystem = {
  dir: string;
  urls: Record<Service, string>;
  adminSecret: string;
  caseRoutingKey: Record<string, unknown>;
  restart: (service: Service, signal: NodeJS.Signals) => Promise<void>;
  stop: () => Promise<void>;
};
type Options = { dir: string; base: number; say: (text: string) => void };

export async function startSystem({ dir, base, say }: Options): Promise<RunningSystem> {
  mkdirSync(join(dir, 'logs'), { recursive: true });
  mkdirSync(join(dir, 'keys'), { recursive: true, mode: 0o700 });
  const ports = Object.fromEntries(services.map((service, i) => [service, base + 1 + i])) as Record<Service, number>;
  for (const [service, port] of Object.entries(ports))
    if (await portInUse(port))
      throw new Error(`${service} needs port ${port}, which is in use: stop what listens there, or use --port`);
  say('starting PostgreSQL and Apache Kafka');
  const [postgres, kafka] = await Promise.all([
    startPostgres({ dir: join(dir, 'postgres'), port: base + 8432 }),
    startKafka({ dir: join(dir, 'kafka'), port: base + 12092 }),
  ]);
  const topics = readTopics(readFileSync(join(root, 'deploy/topics.yaml'), 'utf8'));
  const done = await applyTopics({ brokers: [kafka.brokers], topics, profile: 'single-node' });
  say(`PostgreSQL ${new URL(postgres.url).host} and Kafka ${kafka.brokers} are up${done.length ? `; ${done.length} topics` : ''}`);
  const urls = Object.fromEntries(services.map((s) => [s, `http://127.0.0.1:${ports[s]}`])) as Record<Service, string>;
  const keys = keysIn(join(dir, 'keys'));
  const processes = new Map<Service, ChildProcess>();
  const startOne = async (service: Service): Promise<void> => {
    const DATABASE_URL = await postgres.createDatabase(service.replace('-', '_'));
    const log = openSync(join(dir, 'logs', `${service}.log`), 'a');
    const env = {
      ...process.env,
      PORT: String(ports[service]),
      PUBLIC_URL: urls[service],
      DATABASE_URL,
      KAFKA_BROKERS: kafka.brokers,
      OIDC_ISSUER: `${urls.departments}/oidc`,
      EXCHANGE_URL: urls.exchange,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      AUDIT_ORIGIN: 'govbus.local/audit',
      ...keys.files,
    };
    const main = join(root, 'apps', service, 'dist/main.js');
    // The kernel ends the service when this process dies, however it dies.
    const args = ['--pdeathsig', 'TERM', '--', process.execPath, '--disable-warning=TimeoutNegativeWarning', main];
    processes.set(service, spawn('setpriv', args, { env, stdio: ['ignore', log, log] }));
  };
  await Promise.all(services.map(startOne));
  say('services are starting');
  await Promise.all(services.map((service) => untilReady(service, urls[service], processes, dir)));
  say('all five services are ready');
  return {
    dir,
    urls,
    adminSecret: keys.adminSecret,
    caseRoutingKey: keys.caseRoutingKey,
    restart: async (service, signal) => {
      await end(processes.get(service), signal);
      await startOne(service);
      await untilReady(service, urls[service], processes, dir);
    },
    stop: async () => {
      await Promise.all([...processes.values()].map((child) => end(child, 'SIGTERM')));
      await Promise.all([kafka.stop(), postgres.stop()]);
    },
  };
}

async function untilReady(service: Service, url: string, processes: Map<Service, ChildProcess>, dir: string): Promise<void> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    const child = processes.get(service);
    if (child?.exitCode !== null || performance.now() > deadline)
      throw new Error(`${service} did not become ready: see ${join(dir, 'logs', `${service}.log`)}`);
    await pause(100);
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

function keysIn(dir: string) {
  const file = (name: string, make: () => string): string => {
    const path = join(dir, name);
    if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600 });
    return path;
  };
  const ecKey = (kid: string) => ({ ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), kid });
  const secret = (): string => randomBytes(32).toString('base64');
  const signing = (): string => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const files = {
    ISSUER_KEYS_FILE: file('issuer-keys.json', () => JSON.stringify({ keys: [ecKey('first')] })),
    BOOTSTRAP_ADMIN_SECRET_FILE: file('admin-secret', () => randomBytes(32).toString('base64url')),
    SUBJECT_KEY_FILE: file('subject-key', secret),
    PSEUDONYM_KEY_FILE: file('pseudonym-key', secret),
    AUDIT_SIGNING_KEY_FILE: file('audit-key.pem', signing),
    CASE_ROUTING_KEY_FILE: file('case-routing-key.json', () => JSON.stringify(ecKey('case-routing'))),
  };
  return {
    files,
    adminSecret: readFileSync(files.BOOTSTRAP_ADMIN_SECRET_FILE, 'utf8').trim(),
    caseRoutingKey: JSON.parse(readFileSync(files.CASE_ROUTING_KEY_FILE, 'utf8')) as Record<string, unknown>,
  };
}
