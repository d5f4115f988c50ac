// Open loop: events are sent when their time has come, whether or not earlier ones are answered; in the same process
// the webhooks that receive them, so that one clock measures the whole way.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { eventText } from '../lib/city.ts';
import { quantile } from '../lib/stats.ts';
import { Connection, headOf } from './http-client.ts';

/** `slow` answers after 2 s, `dead` breaks the connection, `flapping` refuses every other request. */
export type Manner = 'healthy' | 'slow' | 'dead' | 'flapping';
/** Opens the receivers; they stay for the jobs after it. Answers their port. */
export type ReceiveJob = { kind: 'receive' };
export type OpenLoopJob = {
  kind: 'open-loop';
  url: string;
  source: string;
  token: string;
  /** Index of the dataset. */
  dataset: number;
  eventsPerSecond: number;
  seconds: number;
  /** Receivers by the last part of their address; those measured are `healthy`. */
  receivers: Record<string, Manner>;
  /** How long the last events may take, in seconds. */
  patienceSeconds: number;
};
export type OpenLoopResult = {
  sent: number;
  /** From the moment an event should have been sent to its arrival at a healthy receiver. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Arrivals at healthy receivers a second, from the first to the last. */
  perSecond: number;
  /** Healthy receivers to which an event came twice, not at all, or unmasked. */
  wrong: string[];
  /** How late the load generator itself sent, p99: above a few ms the figures are worth little. */
  lateP99Ms: number;
};

type Arrivals = { seen: Set<number>; twice: number; unmasked: number };
let manners: Record<string, Manner> = {};
let arrivals = new Map<string, Arrivals>();
let latencies: number[] = [];
let [firstAt, lastAt] = [0, 0];
let flaps = 0;

export async function receive(): Promise<number> {
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const name = request.url?.split('/').at(-1) ?? '';
  const manner = manners[name];
  if (manner === 'dead') return void request.socket.destroy();
  if (manner === 'slow') await pause(2_000);
  if (manner === 'flapping' && (flaps += 1) % 2 === 0) return void response.writeHead(500).end();
  if (manner === 'healthy') count(name, Buffer.concat(chunks));
  response.writeHead(204).end();
}

type Delivered = { sequence: string; data: { sentAt?: number; phone?: unknown; name?: unknown } };
function count(name: string, body: Buffer): void {
  const now = performance.timeOrigin + performance.now();
  const known = arrivals.get(name) ?? { seen: new Set(), twice: 0, unmasked: 0 };
  arrivals.set(name, known);
  for (const { sequence, data } of JSON.parse(body.toString()) as Delivered[]) {
    const position = Number(sequence);
    if (known.seen.has(position)) known.twice += 1;
    known.seen.add(position);
    if (data.phone !== undefined || data.name !== undefined) known.unmasked += 1;
    latencies.push(now - (data.sentAt ?? NaN));
  }
  firstAt ||= now;
  lastAt = now;
}

/** Sends on time for the whole of the run, then waits for the last arrivals. */
export async function openLoop(job: OpenLoopJob): Promise<OpenLoopResult> {
  [manners, arrivals, latencies, firstAt, lastAt] = [job.receivers, new Map(), [], 0, 0];
  const late: number[] = [];
  const sent = await sendOnTime(job, late);
  const healthy = Object.entries(job.receivers).flatMap(([name, manner]) => (manner === 'healthy' ? [name] : []));
  const isComplete = (): boolean => healthy.every((name) => (arrivals.get(name)?.seen.size ?? 0) >= sent);
  const end = performance.now() + job.patienceSeconds * 1000;
  while (!isComplete() && performance.now() < end) await pause(20);
  const wrong = healthy.flatMap((name) => {
    const { seen, twice, unmasked } = arrivals.get(name) ?? { seen: new Set(), twice: 0, unmasked: 0 };
    if (seen.size === sent && twice === 0 && unmasked === 0) return [];
    return [`${name}: ${seen.size} of ${sent} events, ${twice} twice, ${unmasked} with fields that were not granted`];
  });
  const total = [...arrivals.values()].reduce((sum, { seen }) => sum + seen.size, 0);
  return {
    sent,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    maxMs: quantile(latencies, 1),
    perSecond: total / ((lastAt - firstAt) / 1000),
    wrong,
    lateP99Ms: quantile(late, 0.99),
  };
}

// Connections are taken from a pool that grows: an answer that is late holds nothing up. Beyond the bound, which only an
// overloaded server reaches, events wait, and their waiting counts: the clock began when they were due.
const maxConnections = 256;
class Pool {
  private readonly idle: Connection[] = [];
  private readonly all: Connection[] = [];
  private readonly waiting: ((connection: Connection) => void)[] = [];
  private opened = 0;
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async take(): Promise<Connection> {
    const idle = this.idle.pop();
    if (idle) return idle;
    if (this.opened >= maxConnections) return new Promise((resolve) => this.waiting.push(resolve));
    this.opened += 1;
    const connection = await Connection.open(this.url);
    this.all.push(connection);
    return connection;
  }

  giveBack(connection: Connection): void {
    const next = this.waiting.shift();
    if (next) next(connection);
    else this.idle.push(connection);
  }

  close(): void {
    this.all.forEach((connection) => connection.close());
  }
}

async function sendOnTime(job: OpenLoopJob, late: number[]): Promise<number> {
  const head = headOf('POST', `${job.url}/v1/events`, job.token, 'application/cloudevents+json');
  const pool = new Pool(job.url);
  const running = new Set<Promise<void>>();
  let accepted = 0;
  const sendOne = async (n: number, due: number): Promise<void> => {
    late.push(performance.now() - due);
    const connection = await pool.take();
    const text = eventText(job.source, job.dataset, n, 'good', performance.timeOrigin + due);
    const { status } = await connection.send(head, text);
    if (status !== 202) throw new Error(`an event was answered with ${status}`);
    accepted += 1;
    pool.giveBack(connection);
  };
  const began = performance.now();
  const total = Math.round(job.eventsPerSecond * job.seconds);
  for (let n = 0; n < total;) {
    const now = performance.now();
    for (; n < total && began + (n * 1000) / job.eventsPerSecond <= now; n += 1) {
      const sending = sendOne(n, began + (n * 1000) / job.eventsPerSecond);
      running.add(sending);
      void sending.finally(() => running.delete(sending)).catch(() => undefined);
    }
    await pause(1);
  }
  await Promise.all(running);
  pool.close();
  return accepted;
}
