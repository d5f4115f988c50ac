import { setTimeout as pause } from 'node:timers/promises';
import { eventOf, eventually } from '../dataset';
import type { RunningCity } from '../running-city';

const publisher = 'reports-system';
const patienceMs = 20_000;
/** How long the last events are tried after the load was told to stop. */
const lastMs = 90_000;
/** How long one event that must be taken is tried. */
const deadlineMs = 240_000;
/** Ways to publish, taken in turn, and their media types. */
const forms = {
  batch: 'application/cloudevents-batch+json',
  single: 'application/cloudevents+json',
  stream: 'application/x-ndjson',
};
export type Form = keyof typeof forms;
const inTurn: readonly Form[] = ['batch', 'single', 'stream'];

/** Publishes without a pause; an event counts as acknowledged only when its receipt came, or its line of the answer. */
export class Load {
  readonly acknowledged = new Set<string>();
  readonly by: Record<Form, number> = { batch: 0, single: 0, stream: 0 };
  private stoppedAt = Infinity;
  private ones = 0;

  constructor(
    private readonly city: RunningCity,
    private readonly datasetId: string,
    /** The exchanges that are up, asked in turn. */
    private readonly exchanges: readonly string[],
  ) {}

  stop(): void {
    this.stoppedAt = performance.now();
  }

  async run(): Promise<void> {
    for (let round = 0; this.stoppedAt === Infinity; round += 1) {
      const form = inTurn[round % inTurn.length] ?? 'batch';
      let left = Array.from({ length: 20 }, (_, i) => `e-${round}-${i}`);
      // The same events again until they are acknowledged: what arrives twice is stored once.
      for (let attempt = round; ; attempt += 1) {
        await this.send(form, left, this.exchanges[attempt % this.exchanges.length] ?? '');
        left = left.filter((id) => !this.acknowledged.has(id));
        if (left.length === 0) break;
        if (performance.now() > this.stoppedAt + lastMs) return;
        await pause(100);
      }
    }
  }

  /** One event more, taken by this exchange when it ends. */
  async one(exchange: string): Promise<void> {
    const id = `one-${(this.ones += 1)}`;
    await eventually(async () => {
      await this.send('single', [id], exchange);
      if (!this.acknowledged.has(id)) throw new Error('an event is not taken');
    }, deadlineMs);
  }

  /** Ends when each way to publish has worked. */
  async untilAllForms(): Promise<void> {
    await eventually(() => {
      const missing = inTurn.filter((form) => this.by[form] === 0);
      return missing.length === 0
        ? Promise.resolve()
        : Promise.reject(new Error(`none taken by ${missing.join(', ')}`));
    }, deadlineMs);
  }

  private async send(form: Form, ids: string[], exchange: string): Promise<void> {
    const events = ids.map((reportId) =>
      eventOf(this.datasetId, { reportId, category: 'noise', phone: `p-${reportId}` }),
    );
    try {
      if (form === 'batch') await this.sendBatch(events, exchange);
      else if (form === 'stream') await this.sendStream(events, exchange);
      else await Promise.all(events.map((event) => this.sendSingle(event, exchange)));
    } catch {
      // Those without an acknowledgement are sent again.
    }
  }

  private async sendBatch(events: Record<string, unknown>[], exchange: string): Promise<void> {
    const answer = await this.post('batch', JSON.stringify(events), exchange);
    if (answer.status !== 202) return;
    for (const { id } of events) this.acknowledge('batch', id);
  }

  private async sendSingle(event: Record<string, unknown>, exchange: string): Promise<void> {
    const answer = await this.post('single', JSON.stringify(event), exchange);
    if (answer.status === 202) this.acknowledge('single', event['id']);
  }

  private async sendStream(events: Record<string, unknown>[], exchange: string): Promise<void> {
    const answer = await this.post('stream', events.map((event) => `${JSON.stringify(event)}\n`).join(''), exchange);
    if (answer.status !== 200 || !answer.body) return;
    const decoder = new TextDecoder();
    let rest = '';
    // A line that came counts, whatever becomes of the lines behind it.
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { id, status } = JSON.parse(line) as { id?: string; status?: string };
        if (status === 'accepted') this.acknowledge('stream', id);
      }
    }
  }

  private async post(form: Form, body: string, exchange: string): Promise<Response> {
    const headers = { authorization: `Bearer ${await this.city.token(publisher)}`, 'content-type': forms[form] };
    const signal = AbortSignal.timeout(patienceMs);
    const answer = await fetch(`${exchange}/v1/events`, { method: 'POST', headers, body, signal });
    if (answer.status === 401) this.city.forgetToken(publisher);
    // The body of an answer that nobody reads would hold its connection.
    if (form !== 'stream' || answer.status !== 200) await answer.arrayBuffer();
    return answer;
  }

  private acknowledge(form: Form, id: unknown): void {
    this.acknowledged.add(String(id));
    this.by[form] += 1;
  }
}
