// What a benchmark runs on: PostgreSQL, Kafka, an issuer, the exchange and the textbook build, in a throw-away directory.
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, startKafka, startPostgres } from '@govbus/embedded';
import { applyTopics, Producer, readTopics, type TopicSpec } from '@govbus/messaging';
import { SpanCollector, TestIssuer } from '@govbus/testing';
import pg from 'pg';
import { runtime } from '../../tools/runtime.ts';
import { consumerOf, departmentOf, departments, publisherOf } from './city.ts';
import { type CpuSeconds, cpuSeconds, processWith } from './cpu.ts';
import { endServer, root, startServer } from './processes.ts';

/** D0: acknowledged from the page cache. D1: acknowledged after the flush to disk (`flush.messages=1`). */
export type DurabilityClass = 'D0' | 'D1';
export const TEXTBOOK_TOPIC = 'textbook.events';
/** A topic like `bus.events` for Kafka's own load tool. */
export const FLOOR_TOPIC = 'floor.events';
const topics = readTopics(readFileSync(join(root, 'deploy/topics.yaml'), 'utf8'));
const never = '9223372036854775807';
/** As the exchange makes them. */
const sharePartitions = 3;

type Tokens = { publishers: string[]; consumers: string[] };

export class System {
  readonly dir: string;
  readonly brokers: string;
  readonly issuer: TestIssuer;
  readonly tokens: Tokens;
  /** The exchange's database. */
  readonly db: pg.Pool;
  readonly producer: Producer;
  readonly url: string;
  readonly keyFiles: { SUBJECT_KEY_FILE: string; PSEUDONYM_KEY_FILE: string };
  private readonly stops: (() => Promise<unknown>)[];
  private readonly env: Record<string, string>;
  private exchange: ChildProcess | undefined;
  /** The process of the role `ledger`, where it is one of its own. */
  private ledger: ChildProcess | undefined;
  private inspectPort: number | undefined;
  private readonly kafkaPid: number | undefined;
  /** Topics that the exchange made for single subscriptions. */
  private shareTopics: string[] = [];
  /** How many spans of each name have come from the exchange. */
  private readonly spansOf = new Map<string, number>();

  private constructor(parts: {
    dir: string;
    brokers: string;
    issuer: TestIssuer;
    tokens: Tokens;
    databaseUrl: string;
    port: number;
    stops: (() => Promise<unknown>)[];
  }) {
    const { dir, brokers, issuer, tokens, databaseUrl, port, stops } = parts;
    this.dir = dir;
    this.brokers = brokers;
    this.issuer = issuer;
    this.tokens = tokens;
    this.stops = stops;
    this.url = `http://127.0.0.1:${port}`;
    this.db = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    this.producer = new Producer({ brokers: [brokers], clientId: 'bench' });
    this.keyFiles = { SUBJECT_KEY_FILE: newKey(dir, 'subject'), PSEUDONYM_KEY_FILE: newKey(dir, 'pseudonym') };
    this.kafkaPid = processWith(join(dir, 'kafka/server.properties'));
    this.env = {
      PORT: String(port),
      PUBLIC_URL: this.url,
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: brokers,
      OIDC_ISSUER: issuer.url,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      LOG_LEVEL: 'warn',
      ...runtime.env,
      // Nobody here publishes by Kafka, and two topics for each system would have to be made first.
      INBOX: 'off',
      ...this.keyFiles,
    };
  }

  /** PostgreSQL syncs its commits (a kept directory), so the exchange's database is always of class D1. */
  static async start(): Promise<System> {
    const dir = mkdtempSync(join(tmpdir(), 'govbus-bench-'));
    const stops: (() => Promise<unknown>)[] = [];
    try {
      const system = await System.startIn(dir, stops);
      await system.setClass('D0');
      return system;
    } catch (error) {
      for (const stop of stops) await stop();
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  private static async startIn(dir: string, stops: (() => Promise<unknown>)[]): Promise<System> {
    const postgres = await startPostgres({ dir: join(dir, 'postgres') });
    stops.unshift(() => postgres.stop());
    const kafka = await startKafka({ dir: join(dir, 'kafka') });
    stops.unshift(() => kafka.stop());
    const issuer = await TestIssuer.start();
    stops.unshift(() => issuer.stop());
    const databaseUrl = await postgres.createDatabase('exchange');
    const tokens = {
      publishers: await tokensOf(issuer, publisherOf, ['events:publish']),
      consumers: await tokensOf(issuer, consumerOf, ['events:read']),
    };
    const port = await freePort();
    return new System({ dir, brokers: kafka.brokers, issuer, tokens, databaseUrl, port, stops });
  }

  /** These topics of subscriptions change their durability with the others from now on. */
  addShareTopics(names: string[]): void {
    this.shareTopics = [...this.shareTopics, ...names];
  }

  /** Sets the durability of the topics where an acknowledgement is timed; running producers go on. */
  async setClass(durability: DurabilityClass): Promise<void> {
    const like = topics.find(({ topic }) => topic === 'bus.events');
    if (!like) throw new Error('deploy/topics.yaml has no bus.events');
    const shared = this.shareTopics.map((topic) => ({ ...like, topic, partitions: sharePartitions }));
    const specs = [...topics, { ...like, topic: TEXTBOOK_TOPIC }, { ...like, topic: FLOOR_TOPIC }, ...shared];
    const flush = durability === 'D1' ? '1' : never;
    const adapted = specs.map((spec): TopicSpec => {
      const single = spec.profiles['single-node'];
      if (!('flush.messages' in single.config)) return spec;
      const config = { ...single.config, 'flush.messages': flush };
      return { ...spec, profiles: { ...spec.profiles, 'single-node': { ...single, config } } };
    });
    await retried(() => applyTopics({ brokers: [this.brokers], topics: adapted, profile: 'single-node' }));
  }

  /**
   * Starts the exchange; with `inspect` its profiler can be reached, with `traced` it tells its spans to a collector, with
   * `ledgerApart` its role `ledger` has a process of its own.
   */
  async startExchange({ inspect = false, traced = false, ledgerApart = false } = {}): Promise<void> {
    this.inspectPort = inspect ? await freePort() : undefined;
    const inspector = this.inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${this.inspectPort}`];
    const tracing = traced ? await this.tracing() : { flags: [], env: {} };
    const env = { ...this.env, ...tracing.env };
    const main = join(root, 'apps/exchange/dist/main.js');
    const flags = [...runtime.flags, ...tracing.flags];
    const roles: Record<string, string> = ledgerApart ? { EXCHANGE_ROLES: 'ingest,delivery' } : {};
    this.exchange = await startServer(
      'exchange',
      main,
      { ...env, ...roles },
      { dir: this.dir, readyUrl: `${this.url}/health/ready`, flags: [...flags, ...inspector] },
    );
    if (!ledgerApart) return;
    const port = await freePort();
    this.ledger = await startServer(
      'exchange-ledger',
      main,
      { ...env, EXCHANGE_ROLES: 'ledger', PORT: String(port) },
      { dir: this.dir, readyUrl: `http://127.0.0.1:${port}/health/ready`, flags },
    );
  }

  private async tracing(): Promise<{ flags: string[]; env: Record<string, string> }> {
    const collector = new SpanCollector((spans) => {
      for (const { name } of spans) this.spansOf.set(name, this.spans(name) + 1);
    });
    const url = await collector.start();
    this.stops.unshift(() => collector.stop());
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: 'exchange' };
    return { flags: ['-r', join(root, 'libs/platform/otel.cjs')], env };
  }

  /** Spans of this name that have come to the collector so far. */
  spans(name: string): number {
    return this.spansOf.get(name) ?? 0;
  }

  async stopExchange(): Promise<void> {
    for (const one of [this.exchange, this.ledger]) if (one) await endServer(one);
    this.exchange = this.ledger = undefined;
  }

  get profilerPort(): number | undefined {
    return this.inspectPort;
  }

  /** Processor time that exchange, PostgreSQL and Kafka have used so far. */
  cpu(): CpuSeconds {
    const postgres = Number(readFileSync(join(this.dir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
    const { ledger, ...parts } = cpuSeconds({
      exchange: this.exchange?.pid,
      ledger: this.ledger?.pid,
      PostgreSQL: postgres,
      Kafka: this.kafkaPid,
    });
    return { ...parts, exchange: (parts.exchange ?? 0) + (ledger ?? 0) };
  }

  /** Resident memory of the exchange, MiB. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.exchange?.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
  }

  /** Starts the textbook build on these policies. */
  async startTextbook(city: { policies: Record<string, string>; datasets: Record<string, string> }): Promise<Textbook> {
    const port = await freePort();
    const file = join(this.dir, `textbook-${port}.json`);
    writeFileSync(file, JSON.stringify(city));
    const env = { PORT: String(port), KAFKA_BROKERS: this.brokers, ISSUER: this.issuer.url, CITY: file };
    const url = `http://127.0.0.1:${port}`;
    const script = join(root, 'bench/baseline/dist/main.cjs');
    const child = await startServer(
      `textbook-${port}`,
      script,
      { ...env, TOPIC: TEXTBOOK_TOPIC },
      {
        dir: this.dir,
        readyUrl: url,
      },
    );
    return { url, stop: () => endServer(child) };
  }

  async stop(): Promise<void> {
    await this.stopExchange();
    await this.producer.disconnect();
    await this.db.end();
    for (const stop of this.stops) await stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export type Textbook = { url: string; stop: () => Promise<void> };

// A broker that has just made a topic may not know it yet when it is asked; applying again does what is left.
async function retried<T>(work: () => Promise<T>, attempts = 10): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempts === 1) throw error;
    await pause(500);
    return retried(work, attempts - 1);
  }
}

function newKey(dir: string, name: string): string {
  const file = join(dir, `${name}.key`);
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return file;
}

// Of six hours: no run lasts longer, and the benchmarks are not about getting tokens.
function tokensOf(issuer: TestIssuer, nameOf: (i: number) => string, scopes: string[]): Promise<string[]> {
  const exp = Math.floor(Date.now() / 1000) + 6 * 3600;
  const of = (i: number): Promise<string> => {
    const claims = { id: nameOf(i), department: departmentOf(i), scopes, kind: 'system' as const, roles: [] };
    return issuer.token(claims, { exp });
  };
  return Promise.all(Array.from({ length: departments }, (_, i) => of(i)));
}
