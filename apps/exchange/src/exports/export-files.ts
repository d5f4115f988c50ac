import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Conflict, Forbidden, Unavailable } from '@govbus/contracts';
import { Audit, type Caller, Changes, Clock } from '@govbus/platform';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { Disclosures } from '../delivery/disclosure';
import { Keys } from '../delivery/keys';
import { ReceiveDecisions, type Receiver } from '../delivery/receive-decisions';
import { whileStands } from '../delivery/while-stands';
import { accessOf, linkOf } from './export.rules';
import { ExportJob } from './export-job.entity';
import type { LinkQuery } from './exports.dto';
import { readChunk } from './exports.sql';
import { unknown } from './exports.service';

/** Downloads of one process at once, and those of one department. */
const maxAtOnce = 100;
const maxOfDepartment = 10;
/** Milliseconds in which a client must take a chunk. */
const idleMs = 120_000;

/** A file whose handing out is recorded. */
export type ExportFile = { job: ExportJob; content: Readable };
type Download = { agreementId: string; department: string; cutting: AbortController };
/** Whoever it goes to, as they are known at the moment. */
type ReceiverNow = () => Receiver;
type Found = { job: ExportJob; agreement: AgreementCopy };

/**
 * Hands out finished files chunk by chunk, each decided anew. What is on its way is cut off when the right to it ends, the
 * last chunk too (P5).
 */
@Injectable()
export class ExportFiles implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Set<Download>();

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    private readonly disclosures: Disclosures,
    private readonly decisions: ReceiveDecisions,
    private readonly keys: Keys,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // `resync`: a change may have been missed while the listening connection was away.
    await this.changes.on(
      AGREEMENTS_CHANGED,
      (agreementId) => this.cut((download) => download.agreementId === agreementId),
      () => this.cut(() => true),
    );
  }

  beforeApplicationShutdown(): void {
    this.cut(() => true);
  }

  /**
   * The file for a caller of its department, to be sent as the response.
   *
   * Errors: `NotFound` `export.unknown`; `Forbidden` `decision.denied`; `Conflict` `export.not-done`,
   *   `export.stopped`, `export.expired`; `Unavailable` `export.busy`.
   */
  async open(exportId: string, caller: Caller, response: ServerResponse): Promise<ExportFile> {
    const job = await this.db.manager.findOneBy(ExportJob, { exportId });
    if (job?.consumerDepartment !== caller.department) throw unknown(exportId);
    return this.begin(job, () => this.decisions.receiverOf(caller), 'exports:download', response);
  }

  /** The file for whoever has a link to it, in the name of its owner. Errors: `Forbidden` `link.invalid`, and as `open`. */
  async openByLink(exportId: string, { expires, signature }: LinkQuery, response: ServerResponse): Promise<ExportFile> {
    const isGood = this.keys.isLinkSignature(linkOf(exportId, expires), signature);
    if (!isGood || Number(expires) * 1000 <= this.clock.now().getTime())
      throw new Forbidden('link.invalid', 'the link was not made by the bus, or its time is over');
    const job = await this.db.manager.findOneBy(ExportJob, { exportId });
    if (!job) throw unknown(exportId);
    return this.begin(job, () => this.decisions.receiverById(job.owner), 'exports:download-by-link', response);
  }

  private async begin(
    asked: ExportJob,
    receiver: ReceiverNow,
    operation: string,
    response: ServerResponse,
  ): Promise<ExportFile> {
    const download = this.enter(asked);
    try {
      const found = await this.db.transaction(async (tx) => {
        const file = await this.requireFile(asked.exportId, receiver(), tx);
        await this.record(file.job, receiver(), operation, tx);
        return file;
      });
      return { job: found.job, content: this.handOut(found, receiver, download, response) };
    } catch (error) {
      this.running.delete(download);
      throw error;
    }
  }

  // Counted before it is decided: of many that come at once no more are let in than there is room for.
  private enter({ agreementId, consumerDepartment: department }: ExportJob): Download {
    const own = [...this.running].filter((download) => download.department === department);
    if (this.running.size >= maxAtOnce || own.length >= maxOfDepartment)
      throw new Unavailable('export.busy', 'too many files are being downloaded already', { retryAfterSeconds: 5 });
    const download = { agreementId, department, cutting: new AbortController() };
    this.running.add(download);
    return download;
  }

  private handOut(found: Found, receiver: ReceiverNow, download: Download, response: ServerResponse): Readable {
    // What came while it was decided is seen by the first chunk.
    const cutting = (download.cutting = new AbortController());
    const idle = setTimeout(() => cutting.abort(), idleMs);
    const content = Readable.from(
      this.chunks(found.job, receiver, () => idle.refresh()),
      { objectMode: false },
    );
    // The last chunk has its time as well.
    content.once('close', () => idle.refresh());
    // The response as well: what it holds is still on its way when the file has been read.
    cutting.signal.addEventListener('abort', () => {
      content.destroy();
      response.destroy();
    });
    void whileStands(
      () => this.stands(found, receiver()),
      cutting,
      () => closed(response),
    ).finally(() => {
      clearTimeout(idle);
      this.running.delete(download);
    });
    return content;
  }

  // In memory alone.
  private stands({ job, agreement }: Found, receiver: Receiver): boolean {
    return this.decisions.decide(agreement, receiver, accessOf(job, receiver)).allowed;
  }

  private async *chunks(job: ExportJob, receiver: ReceiverNow, onTaken: () => void): AsyncGenerator<Buffer> {
    for (let chunk = 0; chunk < job.chunks; chunk += 1) {
      onTaken();
      yield await this.db.transaction(async (tx) => {
        await this.requireFile(job.exportId, receiver(), tx);
        const content = await readChunk(job.exportId, chunk, tx);
        if (!content) throw unknown(job.exportId);
        return content;
      });
    }
  }

  private async requireFile(exportId: string, receiver: Receiver, tx: EntityManager): Promise<Found> {
    const asked = await tx.findOneBy(ExportJob, { exportId });
    if (!asked) throw unknown(exportId);
    const agreement = await this.disclosures.requireAgreement({ ...accessOf(asked, receiver), isContinued: true }, tx);
    // Again, now that the agreement is held: what a change of it did to the file is seen.
    const job = await tx.findOneBy(ExportJob, { exportId });
    if (!job) throw unknown(exportId);
    const { status, expiresAt } = job;
    if (status === 'expired' || (expiresAt !== null && expiresAt <= this.clock.now()))
      throw new Conflict('export.expired', 'the file was deleted when its time was over');
    if (status === 'stopped' || (status === 'done' && agreement.version !== job.agreementVersion))
      throw new Conflict('export.stopped', 'the agreement is not what it was when the file was made');
    if (status !== 'done') throw new Conflict('export.not-done', `the export is ${status}`);
    return { job, agreement };
  }

  private record(job: ExportJob, receiver: Receiver, operation: string, tx: EntityManager): Promise<void> {
    const { exportId, agreementId, agreementVersion, datasetId, purpose, records, fields } = job;
    const { firstPosition: first, lastPosition: last } = job;
    return this.audit.record(
      {
        action: 'disclose',
        operation,
        outcome: 'done',
        actor: { id: receiver.id, kind: receiver.kind, department: receiver.department },
        datasetId,
        agreementId,
        agreementVersion,
        purpose,
        caseReference: job.caseReference ?? undefined,
        entity: `export:${exportId}`,
        positions: first !== null && last !== null ? { first, last } : undefined,
        records,
        fields,
        digest: job.sha256 ?? undefined,
      },
      tx,
    );
  }

  private cut(isMeant: (download: Download) => boolean): void {
    for (const download of this.running) if (isMeant(download)) download.cutting.abort();
  }
}

// Of one whose client left while it was decided nobody would tell a second time.
const closed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => (response.destroyed ? resolve() : response.once('close', resolve)));
