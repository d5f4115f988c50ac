import { Clock } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { periodAfter, periodAt } from './ledger-periods.rules';

// Two processes that make the same partition wait for each other.
const partitionLock = 7_030_210;

/** The months of the ledger: each has a partition of `events`, made before anything is written into it. */
@Injectable()
export class LedgerPeriods {
  private ready: string | undefined;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  /** The month in which an event stored now belongs, its first day as `YYYY-MM-DD` (UTC); its partition is there. */
  async current(): Promise<string> {
    const period = periodAt(this.clock.now());
    if (period !== this.ready) await this.prepare(period);
    this.ready = period;
    return period;
  }

  /** Looks again the next time whether the partition is there. */
  forget(): void {
    this.ready = undefined;
  }

  /** Makes the partitions of this month and the next, unless they are there. */
  async prepareAhead(): Promise<void> {
    const period = await this.current();
    await this.prepare(periodAfter(period));
  }

  private async prepare(period: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [partitionLock]);
      await createPartition(period, tx);
    });
  }
}

// Attached rather than made in place: that would need `events` for itself alone and stop every reader and writer.
async function createPartition(period: string, tx: EntityManager): Promise<void> {
  const name = partitionOf(period);
  const known = await tx.query<{ name: string | null }[]>('SELECT to_regclass($1) AS name', [name]);
  if (known[0]?.name) return;
  const next = periodAfter(period);
  await tx.query(
    `CREATE TABLE ${name} (LIKE events INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMPRESSION,
       PRIMARY KEY (dataset_id, position), CHECK (period >= '${period}' AND period < '${next}'))`,
  );
  await tx.query(`ALTER TABLE events ATTACH PARTITION ${name} FOR VALUES FROM ('${period}') TO ('${next}')`);
}

/** The name of a month's partition: `events_2026_11`. */
export const partitionOf = (period: string): string => `events_${period.slice(0, 7).replace('-', '_')}`;
