import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from '@govbus/contracts';
import { asOnlyOne, Audit, Clock, LOGGER, type Logger, type NewAuditEntry, serviceActor } from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { RegistryWatch } from '../agreements/registry-watch';
import { AppConfig } from '../app.config';
import { periodAfter, periodAt } from '../ledger/ledger-periods.rules';
import { cutoffOf } from './retention.rules';
import * as sql from './retention.sql';

// One process at a time.
const retentionLock = 7_030_211;
/** How many events one transaction looks at: whoever changes the dataset waits for so long. */
const batchEvents = 2_000;
/** Of one dataset in one round: what comes behind a large one need not wait until it is done. */
const maxBatches = 500;
/** How often a transaction is tried while a hold may not have arrived, a second apart. */
const maxTries = 5;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Removes events and disclosures whose time is over, in bounded batches, and months of which nothing is left. The latest
 * record of each key stays, and everything of a dataset under legal hold. Each removal, its audit entry and how far the
 * dataset was looked at are one transaction.
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
   * One round over all that is due; nothing when another process is at it. May end at any point and run again: it goes on
   * where it was. Answers false when there is more to do at once, or will be when all holds have surely arrived here.
   */
  async run(isStopping: () => boolean = () => false): Promise<boolean> {
    return (await asOnlyOne(this.db, retentionLock, () => this.round(isStopping))) ?? true;
  }

  private async round(isStopping: () => boolean): Promise<boolean> {
    const now = this.clock.now();
    const isDone = await this.removeDue(now, isStopping);
    while (!isStopping() && (await sql.forgetIds(now, batchEvents, this.db.manager)) === batchEvents);
    for (const period of await sql.partitionedPeriods(this.db.manager)) {
      if (isStopping()) break;
      if (period < periodAt(now)) await this.drop(period);
    }
    return isDone;
  }

  // What a hold keeps. False as `run`.
  private async removeDue(now: Date, isStopping: () => boolean): Promise<boolean> {
    let isDone = true;
    try {
      for (const dataset of await sql.dueDatasets(new Date(now.getTime() - dayMs), this.db.manager))
        isDone = (await this.lookThrough(dataset, now, isStopping)) && isDone;
      await this.removeDisclosures(cutoffOf(this.config.DISCLOSURE_DAYS, now), isStopping);
      return isDone;
    } catch (err) {
      if (!(err instanceof Unavailable)) throw err;
      this.logger.warn({ code: err.code }, 'nothing is removed while a hold may not have arrived');
      return false;
    }
  }

  // False when it is to be gone on with soon.
  private async lookThrough(dataset: sql.DueDataset, now: Date, isStopping: () => boolean): Promise<boolean> {
    try {
      return await this.removeFrom(dataset, now, isStopping);
    } catch (err) {
      if (err instanceof Unavailable) throw err;
      // It comes first again in the next round, and must not keep all others waiting in each.
      this.logger.error({ err, datasetId: dataset.datasetId }, 'retention of a dataset failed, it is tried again');
      return true;
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
    for (let batches = 0; batches < maxBatches && !isStopping(); batches += 1) {
      const looked = await this.whenSure((tx) => this.removeBatch(dataset, now, tx), isStopping);
      if (looked !== 'more') return looked === 'end';
    }
    return false;
  }

  private async removeBatch(dataset: sql.DueDataset, now: Date, tx: EntityManager): Promise<'more' | 'end' | 'held'> {
    if (!(await this.mayRemove(dataset, tx))) return 'held';
    const cutoff = cutoffOf(dataset.retentionDays, now);
    const place = await sql.placeOf(dataset, cutoff, tx);
    if (place) {
      await this.removeEvents(dataset, place, cutoff, tx);
      return 'more';
    }
    if ((await this.removeConflicts(dataset, cutoff, tx)) === batchEvents) return 'more';
    await sql.noteExamined(dataset, now, tx);
    return 'end';
  }

  private async removeEvents(
    dataset: sql.DueDataset,
    place: sql.Place,
    cutoff: Date,
    tx: EntityManager,
  ): Promise<void> {
    const { datasetId } = dataset;
    const { period } = place;
    const looked = await sql.removeBatch({ ...place, datasetId, cutoff, limit: batchEvents }, tx);
    if (!looked) {
      await sql.closePeriod(datasetId, period, tx);
      return sql.keepPlace(dataset, { period: periodAfter(period), position: 0 }, 0, tx);
    }
    const { through: position, removed } = looked;
    await sql.keepPlace(dataset, { period, position }, removed?.records ?? 0, tx);
    if (!removed) return;
    const { first, last, records } = removed;
    await this.audit.record({ ...entryOf(datasetId, records), positions: { first, last } }, tx);
  }

  private async removeConflicts({ datasetId }: sql.DueDataset, cutoff: Date, tx: EntityManager): Promise<number> {
    const records = await sql.removeConflicts({ datasetId, cutoff, limit: batchEvents }, tx);
    if (records > 0) await this.audit.record({ ...entryOf(datasetId, records), entity: 'conflicts' }, tx);
    return records;
  }

  // The record that lasts is the audit entry of each. It went into the outbox with the disclosure and is deleted there by
  // the relay alone, once it is sent: nothing done here keeps it from arriving, however late.
  private async removeDisclosures(cutoff: Date, isStopping: () => boolean): Promise<void> {
    for (const { agreementId, datasetId } of await sql.oldDisclosures(cutoff, this.db.manager)) {
      let removed = batchEvents;
      while (removed === batchEvents) {
        if (isStopping()) return;
        removed = await this.whenSure(async (tx) => {
          if (!(await this.mayRemove({ datasetId }, tx))) return 0;
          const records = await sql.removeDisclosures({ agreementId, cutoff, limit: batchEvents }, tx);
          const entry = { ...entryOf(datasetId, records), agreementId, entity: 'disclosures' };
          if (records > 0) await this.audit.record(entry, tx);
          return records;
        }, isStopping);
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

  // A transaction, repeated while a hold may not have arrived: that is over in a moment, most often. Not for ever: what needs
  // no such surety would wait as well, and so would other processes, which may be sure.
  private async whenSure<T>(work: (tx: EntityManager) => Promise<T>, isStopping: () => boolean): Promise<T> {
    for (let tries = 1; ; tries += 1)
      try {
        return await this.db.transaction(work);
      } catch (err) {
        if (!(err instanceof Unavailable) || tries === maxTries || isStopping()) throw err;
        await pause((err.details.retryAfterSeconds ?? 1) * 1000);
      }
  }
}

const entryOf = (datasetId: string, records: number): NewAuditEntry => {
  const [operation, actor] = ['ledger:retain', serviceActor('exchange')];
  return { action: 'administer', operation, outcome: 'done', actor, datasetId, records };
};

const lockNotAvailable = '55P03';
