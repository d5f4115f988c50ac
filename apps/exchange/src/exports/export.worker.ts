import { randomUUID } from 'node:crypto';
import { Audit, Changes, Clock, LOGGER, type Logger, serviceActor } from '@govbus/platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { ExportWriter } from './export-writer';
import { endFiles, forgetExports, hurryExports, leaseExports } from './exports.sql';
import { EXPORTS_WANTED } from './exports.service';

const pollMs = 1_000;
/** Few: exports may wait, what is delivered by the event may not. */
const maxAtOnce = 2;
/** How long it is known what became of an export. */
const keptMs = 30 * 24 * 3_600_000;

/**
 * Leases exports and has each written, and takes away the files that may no longer be had. Woken by a new export and by
 * every change of an agreement, and each second for what another process left behind.
 */
@Injectable()
export class ExportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly owner = randomUUID();
  private readonly running = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
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
    await this.changes.on(EXPORTS_WANTED, wake, wake);
    // What waits for its limits or a retry learns at once that its agreement ended (P5).
    await this.changes.on(
      AGREEMENTS_CHANGED,
      (agreementId) =>
        void hurryExports(agreementId, this.db.manager).then(wake, (err: unknown) =>
          this.logger.error({ err, agreementId }, 'exports not hurried'),
        ),
      wake,
    );
    this.timer = setInterval(wake, pollMs);
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.turn;
    await Promise.all(this.running.values());
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
      await this.endFiles();
      const free = maxAtOnce - this.running.size;
      const leased = free > 0 ? await leaseExports(this.owner, free, this.db.manager) : [];
      for (const exportId of leased) this.start(exportId);
    }
  }

  private start(exportId: string): void {
    const done = this.writer
      .run(this.owner, exportId, () => this.isStopping)
      .catch((err: unknown) => this.logger.error({ err, exportId }, 'export failed'))
      .finally(() => {
        this.running.delete(exportId);
        this.wake();
      });
    this.running.set(exportId, done);
  }

  private endFiles(): Promise<void> {
    return this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const ended = await endFiles(now, tx);
      await forgetExports(new Date(now.getTime() - keptMs), tx);
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
    });
  }
}
