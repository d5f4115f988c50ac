import { randomUUID } from 'node:crypto';
import {
  type ActorV1,
  AgreementRecord,
  Conflict,
  Invalid,
  NotFound,
  type OverScopeDetectedV1,
} from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import {
  actorOf,
  Announced,
  assertIfMatch,
  Audit,
  type Caller,
  lockOrFail,
  Principals,
  readCursor,
  serviceActor,
} from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DataSource, type EntityManager } from 'typeorm';
import { Dataset } from '../datasets/dataset.entity';
import { CatalogDecisions } from '../policy/catalog-decisions';
import { Agreement } from './agreement.entity';
import {
  type AgreementMove,
  isStop,
  isStoppedAlready,
  isSuspendedBy,
  overScopeReason,
  requireTerms,
  statusAfter,
} from './agreement.rules';
import type { AgreementOrder, AgreementsQuery } from './agreements.dto';

@Injectable()
export class AgreementsService {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly principals: Principals,
    private readonly decisions: CatalogDecisions,
    private readonly announced: Announced,
  ) {}

  create({ datasetId, consumerDepartment, terms }: AgreementOrder, caller: Caller): Promise<Agreement> {
    return this.db.transaction(async (tx) => {
      const dataset = await tx.findOneBy(Dataset, { datasetId });
      if (!dataset) throw new NotFound('dataset.unknown', `there is no dataset \`${datasetId}\``);
      const providerDepartment = dataset.responsibleDepartment;
      const draft = { providerDepartment, consumerDepartment, status: 'draft' as const };
      this.decisions.requireAgreement(caller, { datasetId, ...draft }, 'create');
      if (!this.principals.department(consumerDepartment))
        throw new Invalid('department.unknown', `there is no department \`${consumerDepartment}\``);
      if (dataset.sharingAttribute === 'not-shared')
        throw new Conflict('dataset.not-shared', `the dataset \`${datasetId}\` is not shared`);
      requireTerms(terms, dataset.fields);
      const agreement = tx.create(Agreement, { agreementId: randomUUID(), datasetId, ...draft, terms, version: 1 });
      await tx.insert(Agreement, { ...agreement, terms: { ...terms } });
      return this.publish('create', agreement, actorOf(caller), undefined, tx);
    });
  }

  list({ limit, cursor, datasetId, consumerDepartment, status }: AgreementsQuery): Promise<Agreement[]> {
    const after = readCursor(cursor, 1)?.[0];
    if (after !== undefined && !isUUID(after))
      throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
    const rows = this.db.manager
      .createQueryBuilder(Agreement, 'a')
      .orderBy('a.agreementId')
      .limit(limit + 1);
    if (after !== undefined) rows.andWhere('a.agreementId > :after', { after });
    if (datasetId) rows.andWhere('a.datasetId = :datasetId', { datasetId });
    if (consumerDepartment) rows.andWhere('a.consumerDepartment = :consumerDepartment', { consumerDepartment });
    if (status) rows.andWhere('a.status = :status', { status });
    return rows.getMany();
  }

  async show(agreementId: string): Promise<Agreement> {
    const agreement = await this.db.manager.findOneBy(Agreement, { agreementId });
    if (!agreement) throw new NotFound('agreement.unknown', `there is no agreement \`${agreementId}\``);
    return agreement;
  }

  /**
   * Moves an agreement; a stop that stands already is answered with it as it is.
   *
   * Errors: `Unavailable` `registry.unannounced` for a stop that is recorded and has not reached Kafka.
   */
  async move(
    move: AgreementMove,
    agreementId: string,
    reason: string | undefined,
    ifMatch: string | undefined,
    caller: Caller,
  ): Promise<Agreement> {
    const moved = await this.db.transaction(async (tx) => {
      const agreement = await lockOrFail(Agreement, { agreementId }, tx);
      this.decisions.requireAgreement(caller, agreement, move);
      if (isStoppedAlready(move, agreement.status)) return agreement;
      assertIfMatch(ifMatch, agreement.version);
      agreement.status = statusAfter(move, agreement.status);
      agreement.version++;
      await tx.save(agreement);
      return this.publish(move, agreement, actorOf(caller), reason, tx);
    });
    if (isStop(move)) await this.announced.wait(AgreementRecord, moved);
    return moved;
  }

  /**
   * Suspends an agreement that was exceeded where its terms say so, as a service and with the reason; an officer of the
   * providing department resumes it.
   */
  async suspendExceeded(found: OverScopeDetectedV1, tx: EntityManager): Promise<void> {
    const { agreementId } = found;
    const agreement = await lockOrFail(Agreement, { agreementId }, tx);
    if (!isSuspendedBy(agreement, found)) return;
    agreement.status = statusAfter('suspend', agreement.status);
    agreement.version++;
    await tx.save(agreement);
    await this.publish('suspend', agreement, serviceActor('data-catalog'), overScopeReason(found), tx);
  }

  private async publish(
    verb: 'create' | AgreementMove,
    agreement: Agreement,
    actor: ActorV1,
    reason: string | undefined,
    tx: EntityManager,
  ): Promise<Agreement> {
    const { agreementId, datasetId, version } = agreement;
    await this.outbox.add(AgreementRecord, { ...agreement }, tx);
    await this.audit.record(
      {
        action: 'administer',
        operation: `agreements:${verb}`,
        outcome: 'done',
        actor,
        datasetId,
        agreementId,
        agreementVersion: version,
        ...(reason !== undefined && { reason }),
      },
      tx,
    );
    return agreement;
  }
}
