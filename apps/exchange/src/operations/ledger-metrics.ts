import { type BatchReader, inSpan } from '@govbus/messaging';
import { type Cell, type Distribution, Metrics, Readiness } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const boundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const maxCounted = 100_000;

/** What the ledger's reader tells of itself. */
@Injectable()
export class LedgerMetrics {
  private readonly messages: Cell;
  private readonly seconds: Distribution;
  private reader: BatchReader | undefined;

  constructor(
    private readonly metrics: Metrics,
    private readonly readiness: Readiness,
    private readonly db: DataSource,
  ) {
    this.messages = metrics.counter('govbus_ledger_messages_total', 'Messages written to the ledger.').of();
    const help = 'How long a batch took to be written.';
    this.seconds = metrics.histogram('govbus_ledger_batch_seconds', help, boundsSeconds).of();
    this.tellLag();
    this.tellUnreadable();
  }

  /** From now on this is the reader. The process is ready when it belongs to the group. */
  follow(reader: BatchReader): void {
    this.reader = reader;
    this.readiness.add('ledger', () => {
      if (this.reader?.isMember) return Promise.resolve();
      return Promise.reject(new Error('the reader has not joined its group'));
    });
  }

  /** Writes one batch, measured. */
  async batch(parts: { messages: readonly unknown[] }[], write: () => Promise<void>): Promise<void> {
    const began = performance.now();
    const messages = parts.reduce((sum, part) => sum + part.messages.length, 0);
    await inSpan('ledger batch', { partitions: parts.length, messages }, write);
    this.seconds.observe((performance.now() - began) / 1_000);
    this.messages.add(messages);
  }

  private tellLag(): void {
    const help = 'Messages of bus.events not in the ledger yet, of the partitions that this process reads.';
    const lag = this.metrics.gauge('govbus_ledger_lag_messages', help, ['partition']);
    this.metrics.collect([lag], async () => {
      for (const [partition, behind] of (await this.reader?.lag()) ?? []) lag.of(String(partition)).set(behind);
    });
  }

  private tellUnreadable(): void {
    const unreadable = this.metrics.gauge('govbus_unreadable_messages', 'Messages that the ledger could not take.');
    this.metrics.collect([unreadable], async () => {
      const [row] = await this.db.query<{ rows: string }[]>(
        `SELECT count(*) AS rows FROM (SELECT 1 FROM unreadable_messages LIMIT ${maxCounted}) counted`,
      );
      unreadable.of().set(Number(row?.rows));
    });
  }
}
