import { Metrics } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const maxCounted = 100_000;

/** What the log tells of itself. */
@Injectable()
export class LogMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly db: DataSource,
  ) {
    this.tellUnreadable();
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
