import { randomUUID } from 'node:crypto';
import { Conflict, NotFound } from '@govbus/contracts';
import { actorOf, Audit, type Caller, Changes, Clock, type PageQuery, readListCursor, Turns } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig } from '../app.config';
import { type Access, Disclosures } from '../delivery/disclosure';
import { countLatest, headOf } from '../delivery/disclosure.sql';
import { Keys } from '../delivery/keys';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import { Limits } from '../enforcement/limits';
import { OverScope } from '../enforcement/over-scope';
import { inTurn } from '../in-turn';
import { holdDepartment } from '../subscriptions/department-lock';
import { accessOf, linkOf, rangeOf } from './export.rules';
import { ExportJob } from './export-job.entity';
import { type CreateExportRequest, type ExportLinkResponse, ManifestResponse } from './exports.dto';
import { keptOf } from './exports.sql';

/** Channel on which every process hears that there is an export to write. */
export const EXPORTS_WANTED = 'exports';

const maxOpen = 20;
/** Of one department: those that are not done, and its files. */
const maxKept = 500;
const linkMs = 15 * 60_000;

/** What departments ask of their exports. */
@Injectable()
export class ExportsService {
  // One order at a time: who waits to count holds no connection.
  private readonly turns = new Turns(1);

  constructor(
    private readonly db: DataSource,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly limits: Limits,
    private readonly overScope: OverScope,
    private readonly keys: Keys,
    private readonly audit: Audit,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /**
   * A file that a worker will write.
   *
   * Errors: `Forbidden` `decision.denied`; `Invalid` `export.range`, `position.beyond-head`; `Conflict`
   *   `export.too-many`, `export.no-space`; `Limited` `agreement.limit-reached`; `Unavailable` `delivery.busy`.
   */
  create(order: CreateExportRequest, caller: Caller): Promise<ExportJob> {
    const job = this.db.manager.create(ExportJob, this.emptyJob(order, caller));
    const access = accessOf(job, this.decisions.receiverOf(caller));
    const make = (): Promise<ExportJob> => this.make(job, access, order, caller);
    return this.overScope.watch(access, () => inTurn(this.turns, caller.department, make));
  }

  /**
   * Of the caller's department, the oldest first; one more than the page holds.
   *
   * Errors: `Invalid` `cursor.invalid`.
   */
  list(query: PageQuery, caller: Caller): Promise<ExportJob[]> {
    const behind = readListCursor(query.cursor);
    const rows = this.db.manager
      .createQueryBuilder(ExportJob, 'e')
      .where('e.consumerDepartment = :department', { department: caller.department })
      .orderBy('e.createdAt')
      .addOrderBy('e.exportId')
      .limit(query.limit + 1);
    if (behind) rows.andWhere('(e.createdAt, e.exportId) > (:at, :id)', behind);
    return rows.getMany();
  }

  /** Errors: `NotFound` `export.unknown`, also for one of another department. */
  async get(exportId: string, caller: Caller): Promise<ExportJob> {
    const job = await this.db.manager.findOneBy(ExportJob, { exportId });
    if (job?.consumerDepartment !== caller.department) throw unknown(exportId);
    return job;
  }

  /** Errors: as `get`, and `Conflict` `export.not-done` while there is no file that it could be about. */
  async manifest(exportId: string, caller: Caller): Promise<ManifestResponse> {
    const job = await this.get(exportId, caller);
    const { sha256, finishedAt } = job;
    if (sha256 === null || finishedAt === null)
      throw new Conflict('export.not-done', `the export is ${job.status}; its file was not finished`);
    return ManifestResponse.from(job, sha256, finishedAt);
  }

  /** Ends it and deletes its file; a worker that is at it keeps nothing more. */
  cancel(exportId: string, caller: Caller): Promise<void> {
    return this.db.transaction(async (tx) => {
      const job = await tx.findOne(ExportJob, { where: { exportId }, lock: { mode: 'pessimistic_write' } });
      if (job?.consumerDepartment !== caller.department) throw unknown(exportId);
      await tx.delete(ExportJob, { exportId });
      await this.record('exports:delete', job, caller, tx);
    });
  }

  /** A link to the file that is good for a quarter of an hour; nothing while there is no file. */
  linkTo({ exportId, status, expiresAt }: ExportJob): ExportLinkResponse | undefined {
    if (status !== 'done' || expiresAt === null) return undefined;
    const until = Math.min(this.clock.now().getTime() + linkMs, expiresAt.getTime());
    const expires = String(Math.floor(until / 1000));
    const query = new URLSearchParams({ expires, signature: this.keys.linkSignatureOf(linkOf(exportId, expires)) });
    return {
      url: `${this.config.PUBLIC_URL}/v1/exports/${exportId}/download?${query.toString()}`,
      expiresAt: new Date(Number(expires) * 1000).toISOString(),
    };
  }

  private make(job: ExportJob, access: Access, order: CreateExportRequest, caller: Caller): Promise<ExportJob> {
    return this.db.transaction(async (tx) => {
      await holdDepartment(caller.department, tx);
      const agreement = await this.disclosures.requireAgreement(access, tx);
      await this.requireRoom(caller.department, tx);
      // The access is counted here; its pages count records alone.
      await this.limits.take(agreement, access, 0, tx);
      const { datasetId, terms } = agreement;
      const { from, to } = rangeOf(order, await headOf(datasetId, tx));
      Object.assign(job, {
        datasetId,
        agreementVersion: agreement.version,
        fields: terms.fields,
        fromPosition: from,
        toPosition: to,
        throughPosition: from - 1,
        rowsTotal: order.of === 'latest' ? await countLatest(datasetId, tx) : to - from + 1,
      });
      await tx.insert(ExportJob, job);
      await this.record('exports:create', job, caller, tx);
      await Changes.notify(EXPORTS_WANTED, job.exportId, tx);
      return job;
    });
  }

  private async requireRoom(department: string, tx: EntityManager): Promise<void> {
    const { open, all, bytes } = await keptOf(department, tx);
    if (open >= maxOpen)
      throw new Conflict('export.too-many', `the department has ${maxOpen} exports that are not done`);
    if (all >= maxKept)
      throw new Conflict(
        'export.too-many',
        `the department has ${maxKept} exports that are not over: delete files that it has taken`,
      );
    const { EXPORT_MAX_BYTES: maxBytes } = this.config;
    if (bytes >= maxBytes)
      throw new Conflict('export.no-space', `the files of the department take all ${maxBytes} bytes that they may`);
  }

  private emptyJob(order: CreateExportRequest, caller: Caller): Partial<ExportJob> {
    return {
      exportId: randomUUID(),
      agreementId: order.agreementId,
      consumerDepartment: caller.department,
      owner: caller.id,
      purpose: order.purpose,
      caseReference: order.caseReference ?? null,
      format: order.format,
      content: order.of,
      status: 'queued',
      reason: null,
      afterKey: null,
      isRead: false,
      rowsDone: 0,
      records: 0,
      bytes: 0,
      chunks: 0,
      firstPosition: null,
      lastPosition: null,
      firstRecordedAt: null,
      lastRecordedAt: null,
      sha256: null,
      attempts: 0,
      createdAt: this.clock.now(),
      finishedAt: null,
      expiresAt: null,
    };
  }

  private record(operation: string, job: ExportJob, caller: Caller, tx: EntityManager): Promise<void> {
    const { exportId, agreementId, agreementVersion, datasetId, purpose } = job;
    const about = { datasetId, agreementId, agreementVersion, purpose, caseReference: job.caseReference ?? undefined };
    const entity = `export:${exportId}`;
    return this.audit.record(
      { action: 'administer', operation, outcome: 'done', actor: actorOf(caller), ...about, entity },
      tx,
    );
  }
}

export const unknown = (exportId: string): NotFound =>
  new NotFound('export.unknown', `there is no export \`${exportId}\``);
