import { eventText, fateOf } from '../lib/city.ts';
import { quantile } from '../lib/stats.ts';
import { Connection, headOf } from './http-client.ts';

export type PublishJob = {
  kind: 'publish';
  url: string;
  source: string;
  /** One for each department; each connection publishes for one after the other. */
  tokens: string[];
  connections: number;
  /** Events in a request; 1 sends single events. */
  batch: number;
  seconds: number;
  /** Ends early after this many events. */
  maxEvents?: number;
};
export type PublishResult = {
  /** Event numbers 0 to `issued` - 1 were sent, each once. */
  issued: number;
  accepted: number;
  refused: number;
  /** Not accepted, refusals that must come included; nothing of these may be in the ledger. */
  notAccepted: number[];
  /** Answered 503: may or may not be in the ledger. */
  unknown: number[];
  /** Answers that no event should get. */
  wrong: string[];
  requests: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
};

const single = 'application/cloudevents+json';
const many = 'application/cloudevents-batch+json';
const expected = { good: 202, invalid: 400, denied: 403 };

/** Closed loop: every connection sends its next request when the last one is answered. */
export async function publish(job: PublishJob): Promise<PublishResult> {
  const run = new Run(job);
  const connections = await Promise.all(Array.from({ length: job.connections }, () => Connection.open(job.url)));
  const began = performance.now();
  const end = began + job.seconds * 1000;
  await Promise.all(connections.map((connection, i) => run.loop(connection, i, end)));
  connections.forEach((connection) => connection.close());
  return run.result((performance.now() - began) / 1000);
}

class Run {
  private readonly job: PublishJob;
  private readonly heads: string[];
  private readonly latencies: number[] = [];
  private readonly notAccepted: number[] = [];
  private readonly unknown: number[] = [];
  private readonly wrong: string[] = [];
  private next = 0;
  private refused = 0;

  constructor(job: PublishJob) {
    this.job = job;
    this.heads = job.tokens.map((token) => headOf('POST', job.url, token, job.batch === 1 ? single : many));
  }

  async loop(connection: Connection, first: number, end: number): Promise<void> {
    const { batch, source, maxEvents = Infinity } = this.job;
    for (let department = first; performance.now() < end && this.next < maxEvents; department += 1) {
      const place = department % this.heads.length;
      const from = this.next;
      this.next += batch;
      const texts: string[] = [];
      for (let n = from; n < from + batch; n += 1) texts.push(eventText(source, place, n, fateOf(n)));
      const body = batch === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`;
      const sentAt = performance.now();
      const { status, body: answer } = await connection.send(this.heads[place] ?? '', body);
      this.latencies.push(performance.now() - sentAt);
      if (batch === 1) this.judge(from, status);
      else this.judgeBatch(from, status, answer);
    }
  }

  private judge(n: number, status: number): void {
    if (status === 503) this.unknown.push(n);
    if (status === 202 && fateOf(n) === 'good') return;
    this.notAccepted.push(n);
    if (status === expected[fateOf(n)]) this.refused += 1;
    else if (status !== 503) this.fault(`event ${n} (${fateOf(n)}) was answered with ${status}`);
  }

  private judgeBatch(from: number, status: number, answer: Buffer): void {
    const { results } =
      status === 202 || status === 207
        ? (JSON.parse(answer.toString()) as { results: { status: string }[] })
        : { results: [] };
    for (let i = 0; i < this.job.batch; i += 1) {
      const isAccepted = results[i]?.status === 'accepted';
      if (status === 503) this.unknown.push(from + i);
      if (isAccepted && fateOf(from + i) === 'good') continue;
      this.notAccepted.push(from + i);
      if (results[i]?.status === 'refused' && fateOf(from + i) !== 'good') this.refused += 1;
      else if (status !== 503) this.fault(`event ${from + i} of a batch was answered with ${status}`);
    }
  }

  private fault(text: string): void {
    if (this.wrong.length < 20) this.wrong.push(text);
  }

  result(seconds: number): PublishResult {
    return {
      issued: this.next,
      accepted: this.next - this.notAccepted.length,
      refused: this.refused,
      notAccepted: this.notAccepted,
      unknown: this.unknown,
      wrong: this.wrong,
      requests: this.latencies.length,
      seconds,
      p50Ms: quantile(this.latencies, 0.5),
      p99Ms: quantile(this.latencies, 0.99),
    };
  }
}
