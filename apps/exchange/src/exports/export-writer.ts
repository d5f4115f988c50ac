import { createHash } from 'node:crypto';
import { DomainError, Forbidden, Unavailable } from '@govbus/contracts';
import { Audit, Clock, LOGGER, type Logger, serviceActor } from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { AppConfig } from '../app.config';
import { Disclosures, type Found, type Page } from '../delivery/disclosure';
import { readLatestPage, readPage, type Source } from '../delivery/page-reader';
import { ReceiveDecisions } from '../delivery/receive-decisions';
import { accessOf } from './export.rules';
import { readLedger } from '../ledger/ledger-reads.sql';
import { headOf, lineOf } from './export-format.rules';
import { ExportJob } from './export-job.entity';
import {
  endExport,
  finishExport,
  keptOf,
  readChunk,
  renewExport,
  restartExport,
  writePage,
  yieldExport,
} from './exports.sql';

/** Pages of one turn, so that a large export does not keep the small ones waiting. */
const maxPages = 50;
const page = { limit: 1_000, maxBytes: 1024 * 1024 };
/** Largest file. */
const maxBytes = 4 * 1024 ** 3;
const maxAttempts = 5;

class LeaseLost extends Error {}
class TermsChanged extends Error {
  constructor(readonly agreement: AgreementCopy) {
    super('the agreement has other terms than when the export began');
  }
}

/** Writes leased exports: each page in one transaction with the record of its disclosure and how far it has come. */
@Injectable()
export class ExportWriter {
  constructor(
    private readonly db: DataSource,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly audit: Audit,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** One turn; ends when the file is done, the lease is lost, or `isStopping` says so. */
  async run(owner: string, exportId: string, isStopping: () => boolean): Promise<void> {
    let room: number | undefined;
    for (let pages = 0; pages < maxPages && !isStopping(); pages += 1) {
      const job = await this.db.manager.findOneBy(ExportJob, { exportId });
      if (job?.status !== 'running') return;
      try {
        // Once a turn: what others write meanwhile is seen by the next one.
        room ??= await this.roomFor(job);
        if (job.bytes > maxBytes) return await this.end(owner, job, 'failed', 'export.too-large');
        if (job.bytes > room) return await this.end(owner, job, 'failed', 'export.no-space');
        if (job.isRead) return await this.finish(owner, job);
        await this.writePage(owner, job);
      } catch (error) {
        if (error instanceof LeaseLost) return;
        if (!(await this.goesOn(owner, job, error))) return;
      }
    }
    await yieldExport(owner, exportId, { pauseMs: 0, failed: 0 }, this.db.manager);
  }

  // Bytes that it may have beside the other files of its department.
  private async roomFor(job: ExportJob): Promise<number> {
    const { bytes } = await keptOf(job.consumerDepartment, this.db.manager);
    return this.config.EXPORT_MAX_BYTES - (bytes - job.bytes);
  }

  private async writePage(owner: string, job: ExportJob): Promise<void> {
    const access = { ...accessOf(job, this.decisions.receiverById(job.owner)), isContinued: true };
    let looked = 0;
    await this.disclosures.discloseTo(access, {
      read: async (source, tx) => {
        if (source.agreement.version !== job.agreementVersion) throw new TermsChanged(source.agreement);
        const read = await readRows(job, source, tx);
        looked = read.looked;
        return read;
      },
      // In the transaction of the disclosure: what nobody recorded, nobody can download (P3).
      keep: async (shown, found, tx) => {
        if (!(await writePage(owner, job, writtenOf(job, shown, found, looked), tx))) throw new LeaseLost();
      },
    });
  }

  private async finish(owner: string, job: ExportJob): Promise<void> {
    const hash = createHash('sha256');
    for (let chunk = 0; chunk < job.chunks; chunk += 1) {
      if (!(await renewExport(owner, job.exportId, this.db.manager))) return;
      const content = await readChunk(job.exportId, chunk, this.db.manager);
      if (!content) throw new LeaseLost();
      hash.update(content);
    }
    const sha256 = hash.digest('hex');
    await this.db.transaction(async (tx) => {
      const now = this.clock.now();
      const expiresAt = new Date(now.getTime() + this.config.EXPORT_HOURS * 3_600_000);
      if (!(await finishExport(owner, job.exportId, { sha256, now, expiresAt }, tx))) return;
      const { records } = job;
      const entry = { action: 'administer' as const, operation: 'exports:finish', outcome: 'done' as const };
      const actor = serviceActor('exchange');
      await this.audit.record({ ...entry, actor, ...aboutOf(job), records, digest: sha256 }, tx);
    });
  }

  // Whether the turn goes on after an error.
  private async goesOn(owner: string, job: ExportJob, error: unknown): Promise<boolean> {
    const { exportId } = job;
    if (error instanceof TermsChanged) {
      const { version, terms } = error.agreement;
      await this.db.transaction((tx) => restartExport(owner, exportId, { version, fields: terms.fields }, tx));
      return true;
    }
    if (error instanceof Unavailable) {
      const pauseMs = (error.details.retryAfterSeconds ?? 1) * 1000;
      await yieldExport(owner, exportId, { pauseMs, failed: 0 }, this.db.manager);
    } else if (error instanceof Forbidden && error.code === 'decision.denied') {
      const code = error.details.explanation?.code;
      await this.end(owner, job, 'stopped', typeof code === 'string' ? code : error.code);
    } else if (error instanceof DomainError) await this.end(owner, job, 'failed', error.code);
    else {
      this.logger.error({ err: error, exportId }, 'export not written');
      if (job.attempts + 1 >= maxAttempts) await this.end(owner, job, 'failed', 'export.failed');
      else await yieldExport(owner, exportId, { pauseMs: 1000 * 2 ** job.attempts, failed: 1 }, this.db.manager);
    }
    return false;
  }

  private end(owner: string, job: ExportJob, status: 'failed' | 'stopped', code: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const now = this.clock.now();
      if (!(await endExport(owner, job.exportId, { status, reason: code, now }, tx))) return;
      const { id, kind, department } = this.decisions.receiverById(job.owner);
      const outcome = status === 'stopped' ? ('denied' as const) : ('failed' as const);
      const entry = { action: 'refuse' as const, operation: 'exports:run', outcome, code };
      await this.audit.record({ ...entry, actor: { id, kind, department }, ...aboutOf(job) }, tx);
    });
  }
}

const aboutOf = (job: ExportJob) => {
  const { exportId, agreementId, agreementVersion, datasetId, purpose } = job;
  const caseReference = job.caseReference ?? undefined;
  return { agreementId, agreementVersion, datasetId, purpose, caseReference, entity: `export:${exportId}` };
};

async function readRows(job: ExportJob, source: Source, tx: EntityManager): Promise<Found & { looked: number }> {
  if (job.content === 'latest') {
    const read = await readLatestPage(source, { ...page, afterKey: job.afterKey ?? undefined }, tx);
    return { ...read, hasMore: read.afterKey !== undefined };
  }
  const read = await readPage(source, { ...page, after: job.throughPosition, until: job.toPosition }, readLedger, tx);
  return { ...read, hasMore: read.looked > 0 && read.through < job.toPosition };
}

function writtenOf(job: ExportJob, shown: Page, { matched }: Found, looked: number) {
  const { format, fields } = job;
  const lines = shown.events.map((event) => lineOf(format, fields, event));
  const head = job.chunks === 0 ? headOf(format, fields) : '';
  return {
    content: Buffer.from(head + lines.join('')),
    throughPosition: shown.through ?? job.throughPosition,
    afterKey: shown.afterKey,
    isRead: !shown.hasMore,
    looked,
    records: matched.length,
    positions: matched.map(({ row }) => row.position),
    times: matched.map(({ row }) => row.recordedAt),
  };
}
