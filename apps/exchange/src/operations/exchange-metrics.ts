import { inSpan } from '@govbus/messaging';
import { type Cell, type Metric, Metrics, problemOf } from '@govbus/platform';
import { Injectable } from '@nestjs/common';

/** How events came in. */
export type PublishForm = 'single' | 'batch' | 'stream' | 'inbox';

/** What ingest and delivery count as they go: an addition each. */
@Injectable()
export class ExchangeMetrics {
  /** Events acknowledged by Kafka. */
  readonly accepted: Record<PublishForm, Cell>;
  private readonly refusals: Metric;
  private readonly accesses: Metric;
  private readonly attempts: Metric;

  constructor(metrics: Metrics) {
    const accepted = metrics.counter('govbus_events_accepted_total', 'Events acknowledged by Kafka.', ['form']);
    const of = (form: PublishForm): Cell => accepted.of(form);
    this.accepted = { single: of('single'), batch: of('batch'), stream: of('stream'), inbox: of('inbox') };
    this.refusals = metrics.counter('govbus_events_refused_total', 'Events refused, by the code of the problem.', [
      'code',
    ]);
    const help = 'Pages disclosed, or why not.';
    this.accesses = metrics.counter('govbus_disclosures_total', help, ['mode', 'outcome']);
    this.attempts = metrics.counter('govbus_delivery_attempts_total', 'Pages sent to receivers.', ['mode', 'outcome']);
  }

  /** Events that were refused alike. */
  refused(code: string, events: number): void {
    this.refusals.of(code).add(events);
  }

  /** One access, from decision to commit: counted as `disclosed`, `empty`, or with the code of the problem. */
  async access<T extends { events: readonly object[] }>(
    { mode, operation }: { mode: string; operation: string },
    disclose: () => Promise<T>,
  ): Promise<T> {
    try {
      const page = await inSpan(`${mode} page`, { operation }, async (note) => {
        const found = await disclose();
        note({ records: found.events.length });
        return found;
      });
      this.accesses.of(mode, page.events.length > 0 ? 'disclosed' : 'empty').add();
      return page;
    } catch (error) {
      this.accesses.of(mode, problemOf(error).body.code).add();
      throw error;
    }
  }

  /** One page sent to a receiver, or to its topic. */
  attempted(mode: 'webhook' | 'kafka', outcome: string): void {
    this.attempts.of(mode, outcome).add();
  }
}
