import type { BatchReader } from '@govbus/messaging';
import { Metrics, Readiness } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const maxCounted = 100_000;

/** What the log and its reader tell of themselves. */
@Injectable()
export class LogMetrics {
  private reader: BatchReader | undefined;

  constructor(
    private readonly metrics: Metrics,
    private readonly readiness: Readiness,
    private readonly db: DataSource,
  ) {
    this.tellLag();
    this.tellUnreadable();
  }

  /** From now on this is the reader. The process is ready when it belongs to the group. */
  follow(reader: BatchReader): void {
    this.reader = reader;
    this.readiness.add('log', () => {
      if (reader.isMember) return Promise.resolve();
      return Promise.reject(new Error('the reader has not joined its group'));
    });
  }

  private tellLag(): void {
    const help = 'Messages of audit.entries not in the log yet, of the partitions that this process reads.';
    const lag = this.metrics.gauge('govbus_audit_lag_messages', help, ['partition']);
    this.metrics.collect([lag], async () => {
      for (const [partition, behind] of (await this.reader?.lag()) ?? []) lag.of(String(partition)).set(behind);
    });
  }

  private tellUnreadable(): void {
    const unreadable = this.metrics.gauge('govbus_unreadable_entries', 'Entries that the log could not take.');
    this.metrics.collect([unreadable], async () => {
      const [row] = await this.db.query<{ rows: string }[]>(
        `SELECT count(*) AS rows FROM (SELECT 1 FROM unreadable_entries LIMIT ${maxCounted}) counted`,
      );
      unreadable.of().set(Number(row?.rows));
    });
  }
}
