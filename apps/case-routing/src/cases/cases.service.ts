import { randomUUID } from 'node:crypto';
import { CaseMoved, CaseOpened, type CaseStatus, Invalid, NotFound } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import {
  actorOf,
  assertIfMatch,
  Audit,
  type Caller,
  Clock,
  lockOrFail,
  readListCursor,
  serviceActor,
} from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CaseReport } from '../intake/case-mapping.rules';
import { Unit } from '../units/unit.entity';
import { CaseRecord, CaseStep } from './case.entity';
import { changeOf } from './case.facts';
import { type CaseChange, dispatch, move } from './case.rules';
import { CaseDecisions } from './case.decisions';
import type { CaseDispatch, CaseMove, CaseQuery } from './cases.dto';
import { type CaseCounts, countCases, insertCases, insertSteps, newestCases, stepsOf } from './cases.sql';
import { caseProfile } from './plain.profile';
import { Router } from './router.service';
import { route, type Ways } from './routing.rules';

/** A report at its place in the ledger of its dataset. */
export type ReportedCase = { datasetId: string; position: number; gridId: string; report: CaseReport };

@Injectable()
export class Cases {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly clock: Clock,
    private readonly router: Router,
    private readonly decisions: CaseDecisions,
  ) {}

  /** Opens the cases that are not there yet and takes each as far as `ways` lead; gives how many are new. */
  async open(reported: readonly ReportedCase[], ways: Ways, tx: EntityManager): Promise<number> {
    const now = this.clock.now();
    const opened = reported.map((one) => openCase(one, ways, now));
    const newIds = await insertCases(
      opened.map(({ matter }) => matter),
      tx,
    );
    const added = opened.filter(({ matter }) => newIds.has(matter.caseId));
    if (added.length === 0) return 0;
    const actor = serviceActor('case-routing');
    await insertSteps(
      added.flatMap(({ matter, statuses }) => stepsOf(matter, statuses, actor.id, now)),
      tx,
    );
    await this.outbox.addAll(
      CaseOpened,
      added.map(({ matter }) => changeOf(matter)),
      tx,
    );
    return added.length;
  }

  /** Newest first; one more than asked for, so that the page knows whether another follows. */
  async list(query: CaseQuery, caller: Caller): Promise<CaseRecord[]> {
    const { unitId, limit, cursor } = query;
    const after = readListCursor(cursor);
    const seen = await this.unitsSeenBy(caller);
    const unitIds = unitId ? [unitId].filter((id) => seen?.includes(id) ?? true) : seen;
    return newestCases({ ...query, unitIds, after, limit: limit + 1 }, this.db.manager);
  }

  /** Of what the caller may see. */
  async counts(datasetId: string | undefined, caller: Caller): Promise<CaseCounts> {
    return countCases({ datasetId, unitIds: await this.unitsSeenBy(caller) }, this.db.manager);
  }

  show(caseId: string, caller: Caller): Promise<{ matter: CaseRecord; steps: CaseStep[] }> {
    // One snapshot: the case and exactly the steps that led to it.
    return this.db.transaction('REPEATABLE READ', async (tx) => {
      const matter = await tx.findOneBy(CaseRecord, { caseId });
      if (!matter) throw unknownCase(caseId);
      await this.requireVisible(matter, caller, tx);
      return { matter, steps: await historyOf(caseId, tx) };
    });
  }

  move(caseId: string, { to, note }: CaseMove, ifMatch: string | undefined, caller: Caller): Promise<CaseRecord> {
    return this.db.transaction(async (tx) => {
      const matter = await this.lockVisible(caseId, caller, tx);
      assertIfMatch(ifMatch, matter.version);
      const unitDepartment = await this.departmentOf(matter, tx);
      this.decisions.requireMove(caller, to, matter, unitDepartment);
      const change = move(matter, await historyOf(caseId, tx), to, note, caller.id, caseProfile.maxReturns);
      return this.take(matter, change, note, caller, tx);
    });
  }

  async dispatch(
    caseId: string,
    { unitId }: CaseDispatch,
    ifMatch: string | undefined,
    caller: Caller,
  ): Promise<CaseRecord> {
    const ways = await this.router.ways([]);
    return this.db.transaction(async (tx) => {
      const matter = await this.lockVisible(caseId, caller, tx);
      assertIfMatch(ifMatch, matter.version);
      this.decisions.requireMove(caller, 'dispatched', matter, await this.departmentOf(matter, tx));
      if (!(await tx.existsBy(Unit, { unitId }))) throw new Invalid('unit.unknown', `there is no unit \`${unitId}\``);
      const { category, gridId, cellId } = matter;
      const limit = ways.assign(category, gridId, cellId ?? undefined)?.limitWorkingDays;
      const now = this.clock.now();
      const dueAt = ways.dueAfter(now, limit ?? caseProfile.defaultLimitWorkingDays);
      return this.take(matter, dispatch(matter, unitId, dueAt, now), undefined, caller, tx);
    });
  }

  private async take(
    matter: CaseRecord,
    change: CaseChange,
    note: string | undefined,
    caller: Caller,
    tx: EntityManager,
  ): Promise<CaseRecord> {
    const previousStatus = matter.status;
    Object.assign(matter, change);
    await tx.save(matter);
    const { caseId, version, status, cellId, unitId } = matter;
    const at = this.clock.now();
    await tx.insert(CaseStep, { caseId, version, status, at, actorId: caller.id, cellId, unitId, note: note ?? null });
    await this.outbox.add(CaseMoved, changeOf(matter, previousStatus), tx);
    await this.audit.record(
      {
        action: 'case',
        operation: `cases:${status}`,
        outcome: 'done',
        actor: actorOf(caller),
        entity: `case:${caseId}`,
        datasetId: matter.datasetId,
      },
      tx,
    );
    return matter;
  }

  private async lockVisible(caseId: string, caller: Caller, tx: EntityManager): Promise<CaseRecord> {
    const matter = await lockOrFail(CaseRecord, { caseId }, tx);
    await this.requireVisible(matter, caller, tx);
    return matter;
  }

  // Undefined: the caller sees the cases of every unit, and those of none.
  private async unitsSeenBy(caller: Caller): Promise<string[] | undefined> {
    if (this.decisions.seesEveryCase(caller)) return undefined;
    const units = await this.db.manager.findBy(Unit, { departmentCode: caller.department });
    return units.map(({ unitId }) => unitId);
  }

  // A case of another department does not exist for a unit's officer.
  private async requireVisible(matter: CaseRecord, caller: Caller, tx: EntityManager): Promise<void> {
    if (this.decisions.seesEveryCase(caller)) return;
    if ((await this.departmentOf(matter, tx)) !== caller.department) throw unknownCase(matter.caseId);
  }

  private async departmentOf({ unitId }: CaseRecord, tx: EntityManager): Promise<string | undefined> {
    if (!unitId) return undefined;
    return (await tx.findOneBy(Unit, { unitId }))?.departmentCode;
  }
}

const historyOf = (caseId: string, tx: EntityManager): Promise<CaseStep[]> =>
  tx.find(CaseStep, { where: { caseId }, order: { version: 'ASC' } });

function openCase({ datasetId, position, gridId, report }: ReportedCase, ways: Ways, now: Date) {
  const { category, latitude, longitude } = report;
  const routed = route({ category, gridId, latitude, longitude }, ways, now);
  const statuses: CaseStatus[] = ['reported', ...routed.statuses];
  const matter: CaseRecord = {
    caseId: randomUUID(),
    datasetId,
    position,
    recordKey: report.recordKey ?? null,
    category,
    status: statuses.at(-1) ?? 'reported',
    gridId,
    latitude: latitude ?? null,
    longitude: longitude ?? null,
    cellId: routed.cellId ?? null,
    unitId: routed.unitId ?? null,
    summary: report.summary ?? null,
    occurredAt: report.occurredAt ?? null,
    openedAt: now,
    dispatchedAt: routed.unitId ? now : null,
    dueAt: routed.dueAt ?? null,
    returns: 0,
    version: statuses.length,
  };
  return { matter, statuses };
}

const unknownCase = (caseId: string): NotFound => new NotFound('case.unknown', `there is no case \`${caseId}\``);
