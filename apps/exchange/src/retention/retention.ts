import { Unavailable } from '@govbus/contracts';
import { asOnlyOne, Audit, Clock, LOGGER, type Logger, type NewAuditEntry, serviceActor } from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { RegistryWatch } from '../agreements/registry-watch';
import { AppConfig } from '../app.config';
import { periodAt } from '../ledger/ledger-periods.rules';
import { cutoffOf } from './retention.rules';
import * as sql from './retention.sql';

// One process at a time.
const retentionLock = 7_030_211;
/** How many events one transaction looks at: whoever changes the dataset waits for so long. */
const batchEvents = 2_000;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Removes events and disclosures whose time is over, in bounded batches, and months of which nothing is left. The latest
 * record of each key stays, and everything of a dataset under legal hold. Each removal and its audit entry are one
 * transaction.
 */
@Injectable()
export class Retention {
  constructor(
    private readonly db: DataSource,
    private readonly registry: RegistryWatch,
    private readonly audit: Audit,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * One round over all that is due; nothing when another process is at it. May end at any point and run again. Answers
   * false when it ended because a hold may not have arrived here yet.
   */
  async run(isStopping: () => boolean = () => false): Promise<boolean> {
    try {
      await asOnlyOne(this.db, retentionLock, () => this.round(isStopping));
      return true;
    } catch (err) {
      if (!(err instanceof Unavailable)) throw err;
      this.logger.warn({ code: err.code }, 'nothing is removed while a hold may not have arrived');
      return false;
    }
  }

  private async round(isStopping: () => boolean): Promise<void> {
    const now = this.clock.now();
    for (const dataset of await sql.dueDatasets(new Date(now.getTime() - dayMs), this.db.manager)) {
      if (!(await this.removeFrom(dataset, now, isStopping))) continue;
      await sql.noteExamined(dataset, now, this.db.manager);
    }
    await this.removeDisclosures(cutoffOf(this.config.DISCLOSURE_DAYS, now), isStopping);
    while (!isStopping() && (await sql.forgetIds(now, batchEvents, this.db.manager)) === batchEvents);
    for (const period of await sql.partitionedPeriods(this.db.manager)) {
      if (isStopping()) return;
      if (period < periodAt(now)) await this.drop(period);
    }
  }

  private async drop(period: string): Promise<void> {
    try {
      if (!(await sql.isEmpty(period, this.db.manager))) return;
      await this.db.transaction((tx) => sql.dropPeriod(period, tx));
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
      if (!(await this.mayRemove(dataset, tx))) return 'held';
      const records = await sql.removeConflicts({ datasetId, cutoff, limit: batchEvents }, tx);
      if (records > 0) await this.audit.record({ ...entryOf(datasetId, records), entity: 'conflicts' }, tx);
      return records;
    });
  }

  private removeBatch(dataset: sql.DueDataset, place: { period: string; after: number; cutoff: Date }) {
    return this.db.transaction(async (tx) => {
      if (!(await this.mayRemove(dataset, tx))) return 'held';
      const looked = await sql.removeBatch({ ...place, datasetId: dataset.datasetId, limit: batchEvents }, tx);
      if (looked?.removed) await this.record(looked.removed, tx);
      return looked;
    });
  }

  // The record that lasts is the audit entry of each. It went into the outbox with the disclosure and is deleted there by
  // the relay alone, once it is sent: nothing done here keeps it from arriving, however late.
  private async removeDisclosures(cutoff: Date, isStopping: () => boolean): Promise<void> {
    for (const { agreementId, datasetId } of await sql.oldDisclosures(cutoff, this.db.manager)) {
      let removed = batchEvents;
      while (removed === batchEvents) {
        if (isStopping()) return;
        removed = await this.db.transaction(async (tx) => {
          if (!(await this.mayRemove({ datasetId }, tx))) return 0;
          const records = await sql.removeDisclosures({ agreementId, cutoff, limit: batchEvents }, tx);
          const entry = { ...entryOf(datasetId, records), agreementId, entity: 'disclosures' };
          if (records > 0) await this.audit.record(entry, tx);
          return records;
        });
      }
    }
  }

  // What is removed does not come back. The dataset is locked first: what the registries said before they were last read to
  // their ends is in its row by then, and what they say later waits for this transaction.
  private async mayRemove(dataset: { datasetId: string; retentionDays?: number }, tx: EntityManager): Promise<boolean> {
    const isAllowed = await sql.holdsStill(dataset, tx);
    if (isAllowed) await this.registry.requireFresh(tx);
    return isAllowed;
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
