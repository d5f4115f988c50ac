import { setTimeout as pause } from 'node:timers/promises';
import { eventOf } from '../dataset';
import type { RunningCity } from '../running-city';

const patienceMs = 20_000;
/** How long the last batch is tried after the load was told to stop. */
const lastMs = 90_000;

/** Publishes without a pause; an event counts as acknowledged only when its receipt came. */
export class Load {
  readonly acknowledged = new Set<string>();
  private stoppedAt = Infinity;

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
    for (let batch = 0; this.stoppedAt === Infinity; batch += 1) {
      const ids = Array.from({ length: 20 }, (_, i) => `e-${batch}-${i}`);
      // The same events again until they are acknowledged: what arrives twice is stored once.
      for (let attempt = batch; !(await this.send(ids, attempt)); attempt += 1) {
        if (performance.now() > this.stoppedAt + lastMs) return;
        await pause(100);
      }
      for (const id of ids) this.acknowledged.add(id);
    }
  }

  private async send(ids: string[], attempt: number): Promise<boolean> {
    const events = ids.map((reportId) =>
      eventOf(this.datasetId, { reportId, category: 'noise', phone: `p-${reportId}` }),
    );
    const url = `${this.exchanges[attempt % this.exchanges.length]}/v1/events`;
    const publisher = 'reports-system';
    try {
      const headers = {
        authorization: `Bearer ${await this.city.token(publisher)}`,
        'content-type': 'application/cloudevents-batch+json',
      };
      const answer = await this.city.send('POST', url, events, headers, AbortSignal.timeout(patienceMs));
      if (answer.status === 401) this.city.forgetToken(publisher);
      return answer.status === 202;
    } catch {
      return false;
    }
  }
}
