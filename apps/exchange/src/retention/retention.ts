import { asOnlyOne, Audit, Clock, LOGGER, type Logger, type NewAuditEntry, serviceActor } from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { periodAfter, periodAt } from '../ledger/ledger-periods.rules';
import { cutoffOf, isPast } from './retention.rules';
import * as sql from './retention.sql';

// One process at a time.
const retentionLock = 7_030_211;
/** How many events one transaction looks at. */
const batchEvents = 2_000;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Removes events whose time is over: whole months where nothing in them stays, else in bounded batches. The latest record
 * of each key stays, and everything of a dataset under legal hold. Each removal and its audit entry are one transaction.
 */
@Injectable()
export class Retention {
  constructor(
    private readonly db: DataSource,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** One round over all datasets that are due; nothing when another process is at it. May end at any point and run again. */
  run(isStopping: () => boolean = () => false): Promise<void> {
    return asOnlyOne(this.db, retentionLock, () => this.round(isStopping));
  }

  private async round(isStopping: () => boolean): Promise<void> {
    const now = this.clock.now();
    for (const period of await sql.partitionedPeriods(this.db.manager)) {
      if (isStopping()) return;
      if (period < periodAt(now)) await this.drop(period, now);
    }
    for (const dataset of await sql.dueDatasets(new Date(now.getTime() - dayMs), this.db.manager)) {
      if (!(await this.removeFrom(dataset, now, isStopping))) continue;
      await sql.noteExamined(dataset, now, this.db.manager);
    }
    while (!isStopping() && (await sql.forgetIds(now, batchEvents, this.db.manager)) === batchEvents);
  }

  private async drop(period: string, now: Date): Promise<void> {
    try {
      await this.db.transaction(async (tx) => {
        const kept = await sql.keptIn(period, tx);
        if (!kept.every((dataset) => isPast(dataset, periodAfter(period), now))) return;
        const datasetIds = kept.map(({ datasetId }) => datasetId);
        if (await sql.hasSurvivors(period, datasetIds, tx)) return;
        for (const removed of await sql.dropPeriod(period, tx)) await this.record(removed, tx);
      });
    } catch (err) {
      if ((err as { code?: string }).code !== lockNotAvailable) throw err;
      this.logger.info({ period }, 'a month of the ledger is in use, it is dropped in the next round');
    }
  }

  // False when it was not gone through to its end.
  private async removeFrom(dataset: sql.DueDataset, now: Date, isStopping: () => boolean): Promise<boolean> {
    const { datasetId } = dataset;
    const cutoff = cutoffOf(dataset.retentionDays, now);
    for (const period of await sql.periodsBefore(datasetId, cutoff, this.db.manager)) {
      let after: number | undefined = 0;
      while (after !== undefined) {
        if (isStopping()) return false;
        const looked = await this.removeBatch(dataset, { period, after, cutoff });
        if (looked === 'held') return false;
        after = looked?.through;
      }
      await this.db.transaction((tx) => sql.closePeriod(datasetId, period, tx));
    }
    for (;;) {
      if (isStopping()) return false;
      const removed = await this.removeConflicts(dataset, cutoff);
      if (removed === 'held') return false;
      if (removed < batchEvents) return true;
    }
  }

  private removeConflicts(dataset: sql.DueDataset, cutoff: Date): Promise<number | 'held'> {
    const { datasetId } = dataset;
    return this.db.transaction(async (tx) => {
      if (!(await sql.holdsStill(dataset, tx))) return 'held';
      const records = await sql.removeConflicts({ datasetId, cutoff, limit: batchEvents }, tx);
      if (records > 0) await this.audit.record({ ...entryOf(datasetId, records), entity: 'conflicts' }, tx);
      return records;
    });
  }

  private removeBatch(dataset: sql.DueDataset, place: { period: string; after: number; cutoff: Date }) {
    return this.db.transaction(async (tx) => {
      if (!(await sql.holdsStill(dataset, tx))) return 'held';
      const looked = await sql.removeBatch({ ...place, datasetId: dataset.datasetId, limit: batchEvents }, tx);
      if (looked?.removed) await this.record(looked.removed, tx);
      return looked;
    });
  }

  private async record(removed: sql.Removed, tx: EntityManager): Promise<void> {
    await sql.countRemoved(removed, tx);
    const { datasetId, first, last, records } = removed;
    await this.audit.record({ ...entryOf(datasetId, records), positions: { first, last } }, tx);
  }
}

const entryOf = (datasetId: string, records: number): NewAuditEntry => {
  const [operation, actor] = ['ledger:retain', serviceActor('exchange')];
  return { action: 'administer', operation, outcome: 'done', actor, datasetId, records };
};

const lockNotAvailable = '55P03';
