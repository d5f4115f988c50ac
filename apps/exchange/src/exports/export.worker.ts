import { randomUUID } from 'node:crypto';
import { Audit, Changes, Clock, LOGGER, type Logger, serviceActor } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { ExportWriter } from './export-writer';
import {
  type Ended,
  expireFiles,
  forgetExports,
  hurryExports,
  type LeasedExport,
  leaseExports,
  stopFiles,
} from './exports.sql';
import { EXPORTS_WANTED } from './exports.service';

const pollMs = 1_000;
/** How often the agreements of all exports are looked at: for what ends at its time, and what nobody was told of. */
const allMs = 60_000;
/** Few: exports may wait, what is delivered by the event may not. */
const maxAtOnce = 2;
/** How long it is known what became of an export. */
const keptMs = 30 * 24 * 3_600_000;

/**
 * Leases exports and has each written, and takes away the files that may no longer be had. Woken by a new export and by
 * every change of an agreement, and each second for what another process left behind and for files that expire.
 */
@Injectable()
export class ExportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly owner = randomUUID();
  private readonly running = new Map<string, Promise<void>>();
  /** Agreements that changed since their exports were looked at; all may have where it is not known which. */
  private readonly changed = new Set<string>();
  private mayAllHaveChanged = true;
  private timers: NodeJS.Timeout[] = [];
  private turn: Promise<void> | undefined;
  private isAwake = false;
  private isStopping = false;

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    private readonly writer: ExportWriter,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const wake = (): void => this.wake();
    const lookAtAll = (): void => this.lookAtAll();
    await this.changes.on(EXPORTS_WANTED, wake, wake);
    await this.changes.on(AGREEMENTS_CHANGED, (agreementId) => this.lookAt(agreementId), lookAtAll);
    this.timers = [setInterval(wake, pollMs), setInterval(lookAtAll, allMs)];
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.timers.forEach((timer) => clearInterval(timer));
    await this.turn;
    await Promise.all(this.running.values());
  }

  private lookAt(agreementId: string): void {
    this.changed.add(agreementId);
    this.wake();
  }

  private lookAtAll(): void {
    this.mayAllHaveChanged = true;
    this.wake();
  }

  private wake(): void {
    this.isAwake = true;
    if (this.isStopping || this.turn) return;
    this.turn = this.takeTurns()
      .catch((err: unknown) => this.logger.error({ err }, 'exports not leased'))
      .finally(() => (this.turn = undefined));
  }

  // What happens during a turn is seen by the next one.
  private async takeTurns(): Promise<void> {
    while (this.isAwake && !this.isStopping) {
      this.isAwake = false;
      // What cannot be taken away now is tried again with the next turn; others' files are written meanwhile.
      await this.keepUp().catch((err: unknown) => this.logger.error({ err }, 'exports not looked after'));
      const free = maxAtOnce - this.running.size;
      const leased = free > 0 ? await leaseExports(this.owner, free, this.db.manager) : [];
      for (const one of leased) this.start(one);
    }
  }

  private start({ exportId, agreementId }: LeasedExport): void {
    const done = this.writer
      .run(this.owner, exportId, () => this.isStopping)
      .catch((err: unknown) => this.logger.error({ err, exportId }, 'export failed'))
      .finally(() => {
        this.running.delete(exportId);
        // Its agreement may have changed before there was a file, or before it was given back to wait.
        this.lookAt(agreementId);
      });
    this.running.set(exportId, done);
  }

  // Takes away what may no longer be had, and has what is being written learn at once that its agreement ended (P5).
  private async keepUp(): Promise<void> {
    const under = this.mayAllHaveChanged ? 'all' : [...this.changed];
    this.changed.clear();
    this.mayAllHaveChanged = false;
    try {
      await this.db.transaction(async (tx) => {
        const now = this.clock.now();
        const ended = await expireFiles(now, tx);
        if (under === 'all' || under.length > 0) {
          ended.push(...(await stopFiles(under, now, tx)));
          await hurryExports(under, now, tx);
        }
        await forgetExports(new Date(now.getTime() - keptMs), tx);
        await this.record(ended, tx);
      });
    } catch (error) {
      this.mayAllHaveChanged = true;
      throw error;
    }
  }

  private async record(ended: Ended[], tx: EntityManager): Promise<void> {
    if (ended.length === 0) return;
    const actor = serviceActor('exchange');
    await this.audit.recordAll(
      ended.map(({ exportId, agreementId, datasetId, status, reason }) => ({
        action: 'administer',
        operation: status === 'expired' ? 'exports:expire' : 'exports:stop',
        outcome: 'done',
        actor,
        agreementId,
        datasetId,
        entity: `export:${exportId}`,
        code: reason ?? undefined,
      })),
      tx,
    );
  }
}
