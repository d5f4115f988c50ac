import type { CaseMappingV1 } from '@govbus/contracts';
import { Audit, Clock, Principals, serviceActor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, In, IsNull, Not } from 'typeorm';
import { Agreement } from '../agreements/agreement.entity';
import { AppConfig } from '../app.config';
import { Cases } from '../cases/cases.service';
import { ReroutingWorker } from '../cases/rerouting.worker';
import { Router } from '../cases/router.service';
import { Dataset } from '../datasets/dataset.entity';
import { readReport } from './case-mapping.rules';
import type { DeliveredRecord, EventPage } from './exchange.client';
import { Intake } from './intake.entity';
import { maySupplyCases } from './intake.rules';

/** An agreement under which cases may be drawn now, and how to read its records. */
export type Source = {
  agreementId: string;
  agreementVersion: number;
  datasetId: string;
  keyPointer: string;
  mapping: CaseMappingV1;
};

/** What the database knows of the intake: sources, cursors, and the one transaction per page. */
@Injectable()
export class IntakeRecords {
  constructor(
    private readonly db: DataSource,
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly principals: Principals,
    private readonly audit: Audit,
    private readonly cases: Cases,
    private readonly router: Router,
    private readonly rerouting: ReroutingWorker,
  ) {}

  /** The sources as they stand; of one agreement alone when it is named. */
  async sources(agreementId?: string): Promise<Source[]> {
    const consumerDepartment = await this.department();
    if (!consumerDepartment) return [];
    const where = { consumerDepartment, status: 'in-force' as const, ...(agreementId && { agreementId }) };
    const agreements = (await this.db.manager.findBy(Agreement, where)).filter((agreement) =>
      maySupplyCases(agreement, this.config.CASE_ROUTING_PURPOSE, this.clock.now()),
    );
    const datasetId = In(agreements.map((agreement) => agreement.datasetId));
    const datasets = await this.db.manager.findBy(Dataset, { datasetId, caseMapping: Not(IsNull()) });
    return agreements.flatMap((agreement) => {
      const dataset = datasets.find((candidate) => candidate.datasetId === agreement.datasetId);
      if (!dataset?.caseMapping) return [];
      const { keyPointer, caseMapping: mapping } = dataset;
      const { version: agreementVersion } = agreement;
      return [
        { agreementId: agreement.agreementId, agreementVersion, datasetId: agreement.datasetId, keyPointer, mapping },
      ];
    });
  }

  /** How far an agreement's cases have been taken in. */
  async progress(agreementId: string): Promise<Intake> {
    const known = await this.db.manager.findOneBy(Intake, { agreementId });
    return known ?? { agreementId, subscriptionId: null, cursor: null, lastError: null, updatedAt: this.clock.now() };
  }

  /** Remembers what changed outside a page: the subscription, a failure. */
  async note(progress: Intake): Promise<void> {
    await this.db.manager.upsert(Intake, { ...progress, updatedAt: this.clock.now() }, ['agreementId']);
  }

  /**
   * Writes a page: new cases with their steps and messages, the audit entry and the cursor, in one transaction.
   *
   * Shape: safe to run again with the same page; gives the progress after it.
   * Errors: rejects when `progress` is not the stored one: a process that has lost its lock writes nothing more.
   */
  async write(source: Source, progress: Intake, page: EventPage): Promise<Intake> {
    const { datasetId, mapping, keyPointer } = source;
    const next = {
      ...progress,
      cursor: page.nextCursor ?? progress.cursor,
      lastError: null,
      updatedAt: this.clock.now(),
    };
    const foreign = page.records.find((record) => record.datasetId !== datasetId);
    if (foreign) throw new Error('the exchange delivered an event of another dataset');
    const ways = await this.router.ways([mapping.gridId]);
    await this.db.transaction(async (tx) => {
      const reported = page.records.map(({ position, data }) => {
        const report = readReport(data, mapping, keyPointer);
        return { datasetId, position, gridId: mapping.gridId, report };
      });
      const opened = reported.length > 0 ? await this.cases.open(reported, ways, tx) : 0;
      if (opened > 0) await this.audit.record(entryOf(source, next, page.records, opened, this.config), tx);
      const { agreementId, subscriptionId, cursor } = progress;
      const stored = { agreementId, subscriptionId: subscriptionId ?? IsNull(), cursor: cursor ?? IsNull() };
      const { affected } = await tx.update(Intake, stored, next);
      if (affected !== 1) throw new Error('another process has taken in cases of this agreement');
    });
    // A cell or a directory line that came while the page was written would otherwise miss its cases.
    if (ways.areOutdated()) this.rerouting.request();
    return next;
  }

  private async department(): Promise<string | undefined> {
    const { CASE_ROUTING_DEPARTMENT, CASE_ROUTING_SYSTEM } = this.config;
    return CASE_ROUTING_DEPARTMENT ?? (await this.principals.get(CASE_ROUTING_SYSTEM))?.departmentCode;
  }
}

function entryOf(
  { agreementId, agreementVersion, datasetId }: Source,
  { subscriptionId }: Intake,
  records: readonly DeliveredRecord[],
  opened: number,
  config: AppConfig,
): Parameters<Audit['record']>[0] {
  const positions = records.map((record) => record.position);
  return {
    action: 'case',
    operation: 'cases:open',
    outcome: 'done',
    actor: serviceActor('case-routing'),
    datasetId,
    agreementId,
    agreementVersion,
    ...(subscriptionId && { subscriptionId }),
    purpose: config.CASE_ROUTING_PURPOSE,
    positions: { first: Math.min(...positions), last: Math.max(...positions) },
    records: opened,
  };
}
