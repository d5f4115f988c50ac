import { Unavailable } from '@govbus/contracts';
import { Audit, LOGGER, type Logger, type NewAuditEntry } from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExchangeMetrics } from '../operations/exchange-metrics';

type Waiting = { entries: NewAuditEntry[]; resolve: () => void; reject: (error: Unavailable) => void };

const maxWaiting = 2_000;
const maxTogether = 500;

/**
 * Records refusals before they are answered (P2). Those that come together share one transaction, so a flood costs a
 * row each, not a commit each.
 */
@Injectable()
export class Refusals {
  private waiting: Waiting[] = [];
  private isWriting = false;

  constructor(
    private readonly db: DataSource,
    private readonly audit: Audit,
    private readonly metrics: ExchangeMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves once `entries` are committed; `Unavailable` `audit.busy` when they cannot be. */
  record(entries: NewAuditEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    for (const { code = 'unknown', records = 1 } of entries) this.metrics.refused(code, records);
    if (this.waiting.length >= maxWaiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.waiting.push({ entries, resolve, reject });
      void this.write();
    });
  }

  private async write(): Promise<void> {
    if (this.isWriting) return;
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const together = this.waiting.splice(0, maxTogether);
      try {
        const entries = together.flatMap((waiting) => waiting.entries);
        await this.db.transaction((tx) => this.audit.recordAll(entries, tx));
        together.forEach((waiting) => waiting.resolve());
      } catch (err) {
        this.logger.error({ err, refusals: together.length }, 'refusals not recorded');
        together.forEach((waiting) => waiting.reject(busy(err)));
      }
    }
    this.isWriting = false;
  }
}

const busy = (cause?: unknown): Unavailable =>
  new Unavailable('audit.busy', 'the refusal cannot be recorded now', { cause, retryAfterSeconds: 1 });
