import { Audit, LOGGER, type Logger, serviceActor, Clock } from '@govbus/platform';
import { CaseMoved } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager, In } from 'typeorm';
import { CaseRecord } from './case.entity';
import { changeOf } from './case.facts';
import { beforeAllCases, insertSteps, lockUnrouted, stepsOf, unroutedGrids, updateRouted } from './cases.sql';
import { type CurrentWays, Router } from './router.service';
import { route } from './routing.rules';

const batchSize = 500;
/** Many cells arrive one after the other: gather them before walking over the cases. */
const gatherMs = 250;
const retryMs = 2000;

/**
 * Tries the waiting cases again when a grid or the directory has changed, and once at the start: cells and directory may
 * come after the cases. Safe to run at any time and in several processes.
 */
@Injectable()
export class ReroutingWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> | undefined;
  private isWanted = false;
  private isStopped = false;

  constructor(
    private readonly db: DataSource,
    private readonly router: Router,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.router.onChange(() => this.request());
    this.request();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Asks for one more walk over the waiting cases, soon. */
  request(afterMs = gatherMs): void {
    if (this.isStopped) return;
    this.isWanted = true;
    if (this.timer || this.running) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.running = this.walk().then((pauseMs) => {
        this.running = undefined;
        if (this.isWanted) this.request(pauseMs);
      });
    }, afterMs);
  }

  // Gives the pause before another walk, should one be wanted.
  private async walk(): Promise<number> {
    this.isWanted = false;
    try {
      const cases = await this.reroute();
      if (cases > 0) this.logger.info({ cases }, 'waiting cases routed');
      return gatherMs;
    } catch (error) {
      this.isWanted = true;
      this.logger.warn({ err: error }, 'waiting cases not routed, trying again');
      return retryMs;
    }
  }

  /** Walks over all waiting cases, in batches of one transaction each; gives how many came further. */
  async reroute(): Promise<number> {
    const ways = await this.router.ways(await unroutedGrids(this.db.manager));
    let routed = 0;
    let after: string | undefined = beforeAllCases;
    while (after !== undefined && !this.isStopped) {
      const start: string = after;
      const batch = await this.db.transaction((tx) => this.routeBatch(start, ways, tx));
      routed += batch.routed;
      after = batch.last;
    }
    if (ways.areOutdated()) this.request();
    return routed;
  }

  private async routeBatch(
    after: string,
    ways: CurrentWays,
    tx: EntityManager,
  ): Promise<{ routed: number; last: string | undefined }> {
    const ids = await lockUnrouted(after, batchSize, tx);
    const last = ids.length < batchSize ? undefined : ids.at(-1);
    if (ids.length === 0) return { routed: 0, last };
    const waiting = await tx.findBy(CaseRecord, { caseId: In(ids) });
    const now = this.clock.now();
    const routed = waiting.flatMap((before) => {
      const { statuses, cellId, unitId, dueAt } = route(before, ways, now);
      const status = statuses.at(-1);
      if (!status) return [];
      const dispatchedAt = status === 'dispatched' ? now : null;
      const version = before.version + statuses.length;
      const place = { cellId: cellId ?? null, unitId: unitId ?? null, dueAt: dueAt ?? null };
      return [
        { matter: { ...before, ...place, status, dispatchedAt, version }, statuses, previousStatus: before.status },
      ];
    });
    if (routed.length === 0) return { routed: 0, last };
    const actor = serviceActor('case-routing');
    await updateRouted(
      routed.map(({ matter }) => matter),
      tx,
    );
    await insertSteps(
      routed.flatMap(({ matter, statuses }) => stepsOf(matter, statuses, actor.id, now)),
      tx,
    );
    await this.outbox.addAll(
      CaseMoved,
      routed.map(({ matter, previousStatus }) => changeOf(matter, previousStatus)),
      tx,
    );
    await this.audit.record(
      { action: 'case', operation: 'cases:route', outcome: 'done', actor, records: routed.length },
      tx,
    );
    return { routed: routed.length, last };
  }
}
