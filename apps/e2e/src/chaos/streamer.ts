import { setTimeout as pause } from 'node:timers/promises';
import type { RunningCity } from '../running-city';
import { type Delivered, Inbox } from './consumers';

const consumer = 'water-system';

/** Reads a stream (server-sent events), and goes on behind the last event that it got whenever the stream ends. */
export class Streamer {
  readonly inbox = new Inbox();
  private readonly life = new AbortController();
  /** What it names when it comes back. */
  private lastEventId: string | undefined;

  constructor(
    private readonly city: RunningCity,
    private readonly subscriptionId: string,
    /** The exchanges that are up, asked in turn. */
    private readonly exchanges: readonly string[],
  ) {}

  stop(): void {
    this.life.abort();
  }

  async run(): Promise<void> {
    for (let n = 0; !this.life.signal.aborted; n += 1) {
      const exchange = this.exchanges[n % this.exchanges.length];
      await this.read(`${exchange}/v1/subscriptions/${this.subscriptionId}/stream`).catch(() => undefined);
      await pause(100);
    }
  }

  private async read(url: string): Promise<void> {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.city.token(consumer)}` };
    if (this.lastEventId !== undefined) headers['last-event-id'] = this.lastEventId;
    const answer = await fetch(url, { headers, signal: this.life.signal });
    if (answer.status === 401) this.city.forgetToken(consumer);
    if (answer.status !== 200 || !answer.body) return void (await answer.arrayBuffer());
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      this.inbox.add(blocks.flatMap((block) => this.eventIn(block)));
    }
  }

  private eventIn(block: string): Delivered[] {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const [event, data] = [field('event'), field('data')];
    this.lastEventId = field('id') ?? this.lastEventId;
    // A token lasts ten minutes, and a stream no longer than its token.
    if (event === 'problem') this.city.forgetToken(consumer);
    return data === undefined || event === 'problem' ? [] : [JSON.parse(data) as Delivered];
  }
}
