import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../dataset';
import type { RunningCity } from '../running-city';
import { query } from './database';

const consumer = 'water-system';
const patienceMs = 20_000;
/** How long it may take until a page is answered, or refused, as it must be. */
const deadlineMs = 240_000;

/** Asks the exchange of the city for one page and acknowledges none, so that there is always something in it. */
export class Asker {
  /** Pages that were refused while the disk was full. */
  refused = 0;
  /** Pages that held something while their disclosure was not in the database. */
  unrecorded = 0;

  constructor(
    private readonly city: RunningCity,
    private readonly subscriptionId: string,
  ) {}

  /** Asks until a page is answered as usual. */
  async untilAnswered(): Promise<void> {
    await eventually(async () => {
      const got = await this.ask();
      if (got !== 'events') throw new Error(`a page is not answered as usual: ${got}`);
    }, deadlineMs);
  }

  /** Asks for so long, and until a page was refused. Errors: when none is. */
  async whileFull(ms: number): Promise<void> {
    const [beganAt, before] = [performance.now(), this.refused];
    const past = (limitMs: number): boolean => performance.now() > beganAt + limitMs;
    while (!past(ms) || this.refused === before) {
      if (past(Math.max(ms, deadlineMs))) throw new Error('no page is refused while the disk of the outbox is full');
      if ((await this.ask()) === 'refused') this.refused += 1;
      await pause(20);
    }
  }

  /** One page: with events, refused, or neither, as when nobody answers. */
  private async ask(): Promise<'events' | 'refused' | 'nothing'> {
    const url = `${this.city.url('exchange')}/v1/subscriptions/${this.subscriptionId}/events?limit=1`;
    try {
      const headers = { authorization: `Bearer ${await this.city.token(consumer)}` };
      const signal = AbortSignal.timeout(patienceMs);
      type Page = { disclosureId?: string; events?: unknown[] };
      const { status, body } = await this.city.send<Page>('GET', url, undefined, headers, signal);
      if (status === 401) this.city.forgetToken(consumer);
      if ((body.events ?? []).length > 0) {
        if (!(await this.isRecorded(body.disclosureId))) this.unrecorded += 1;
        return 'events';
      }
      return status >= 500 ? 'refused' : 'nothing';
    } catch {
      return 'nothing';
    }
  }

  private isRecorded(disclosureId: string | undefined): Promise<boolean> {
    const sql = 'SELECT 1 FROM disclosures WHERE disclosure_id = $1';
    return eventually(async () => (await query(this.city, sql, [disclosureId])).length > 0, deadlineMs);
  }
}
