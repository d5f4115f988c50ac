import { Unavailable } from '@govbus/contracts';
import { Audit, type Caller, LOGGER, type Logger, type NewAuditEntry, type Problem, problemOf } from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { refusalEntries } from './outcome';

type Waiting = { entries: NewAuditEntry[]; resolve: () => void; reject: (error: Unavailable) => void };

/** Entries that may wait, and that one transaction takes. */
const [maxWaiting, maxTogether] = [2_000, 500];

/**
 * Records refusals before they are answered (P2). Those that come together share one transaction, so a flood costs a
 * row each, not a commit each.
 */
@Injectable()
export class Refusals {
  private waiting: Waiting[] = [];
  private waitingEntries = 0;
  private isWriting = false;

  constructor(
    private readonly db: DataSource,
    private readonly audit: Audit,
    private readonly metrics: ExchangeMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves once `entries` are committed; `Unavailable` `audit.busy` when they cannot be. */
  async record(entries: NewAuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    if (this.waitingEntries > 0 && this.waitingEntries + entries.length > maxWaiting) throw busy();
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ entries, resolve, reject });
      this.waitingEntries += entries.length;
      void this.write();
    });
    for (const { code = 'unknown', records = 1 } of entries) this.metrics.refused(code, records);
  }

  /**
   * Settles a request that is refused as a whole, and answers what to tell: its problem, or why that cannot be recorded.
   * Equal ones that come together are one entry, so that whoever sends nonsense, too much or no token cannot fill the log.
   */
  async settle(problem: Problem, caller: Caller | undefined, traceId: string): Promise<Problem> {
    let told = problem;
    try {
      if (problem.status < 500)
        await Promise.all(refusalEntries([{ problem }], caller, traceId).map((entry) => this.audit.refused(entry)));
    } catch (err) {
      this.logger.error({ err, traceId }, 'refusal not recorded');
      told = problemOf(err);
    }
    this.metrics.refused(told.body.code, 1);
    return told;
  }

  private async write(): Promise<void> {
    if (this.isWriting) return;
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const together = this.next();
      const entries = together.flatMap((waiting) => waiting.entries);
      try {
        // One statement, which commits by itself.
        await this.audit.recordAll(entries, this.db.manager);
        together.forEach((waiting) => waiting.resolve());
      } catch (err) {
        this.logger.error({ err, refusals: entries.length }, 'refusals not recorded');
        together.forEach((waiting) => waiting.reject(busy(err)));
      }
      this.waitingEntries -= entries.length;
    }
    this.isWriting = false;
  }

  private next(): Waiting[] {
    let size = 0;
    const end = this.waiting.findIndex(({ entries }, i) => (size += entries.length) > maxTogether && i > 0);
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}

const busy = (cause?: unknown): Unavailable =>
  new Unavailable('audit.busy', 'the refusal cannot be recorded now', { cause, retryAfterSeconds: 1 });
