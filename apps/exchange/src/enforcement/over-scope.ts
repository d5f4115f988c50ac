import { type DeliveryMode, OverScopeDetected } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import { Audit, Changes, Clock, serviceActor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AGREEMENTS_CHANGED } from '../agreements/agreement.consumer';
import { AgreementCopy } from '../agreements/agreement.entity';
import { closeAgreement } from '../agreements/agreement-lock';
import type { Receiver } from '../delivery/receive-decisions';
import { type Beyond, beyondOf, isAlarming } from './over-scope.rules';
import { claimAlarm, hold } from './over-scope.sql';

/** What was asked for, in whose name. */
export type Use = {
  agreementId: string;
  receiver: Receiver;
  purpose: string;
  mode: DeliveryMode;
  caseReference?: string;
  subscriptionId?: string;
};

/** Raises the alarm when an agreement is exceeded, and stops the agreement where its terms say so. */
@Injectable()
export class OverScope {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * What `work` gives. When it is refused because the use goes beyond the agreement, the alarm is committed before the
   * refusal goes on to the caller: entry of the audit log, event, and hold, all or none of them.
   *
   * Errors: those of `work`, unchanged.
   */
  async watch<T>(use: Use, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const beyond = beyondOf(error);
      // In a transaction of its own: the refusal has undone that of `work`.
      if (beyond && isAlarming(beyond, use.mode)) await this.db.transaction((tx) => this.raise(beyond, use, tx));
      throw error;
    }
  }

  private async raise(beyond: Beyond, use: Use, tx: EntityManager): Promise<void> {
    const { agreementId, receiver } = use;
    const { kind } = beyond;
    const agreement = await tx.findOneBy(AgreementCopy, { agreementId });
    if (!agreement || agreement.consumerDepartment !== receiver.department) return;
    const { version } = agreement;
    if (!(await claimAlarm({ agreementId, kind, version }, tx))) return;
    if (agreement.terms.onOverScope === 'suspend') await this.stop(beyond, agreement, tx);
    await this.record(beyond, use, agreement, tx);
  }

  // At once and here; the catalog, which hears of it by the event, makes it a suspension that an officer must end.
  private async stop({ kind, code }: Beyond, agreement: AgreementCopy, tx: EntityManager): Promise<void> {
    const { agreementId, datasetId, version } = agreement;
    await closeAgreement(agreementId, tx);
    if (!(await hold({ agreementId, kind, version }, tx))) return;
    await Changes.notify(AGREEMENTS_CHANGED, agreementId, tx);
    await this.audit.record(
      {
        action: 'administer',
        operation: 'agreements:hold',
        outcome: 'done',
        actor: serviceActor('exchange'),
        datasetId,
        agreementId,
        agreementVersion: version,
        code,
        reason: `held back after use beyond the agreement (${kind}), until its department decides`,
      },
      tx,
    );
  }

  private async record(beyond: Beyond, use: Use, agreement: AgreementCopy, tx: EntityManager): Promise<void> {
    const { kind, code, reason, limit } = beyond;
    const { receiver, purpose, caseReference, subscriptionId } = use;
    const { agreementId, datasetId, consumerDepartment, version: agreementVersion } = agreement;
    const { id, kind: principalKind, department } = receiver;
    await this.audit.record(
      {
        action: 'refuse',
        operation: 'agreements:over-scope',
        outcome: 'denied',
        actor: { id, kind: principalKind, department },
        ...{ datasetId, agreementId, agreementVersion, subscriptionId, purpose, caseReference, code },
        reason: reason.slice(0, 500),
      },
      tx,
    );
    const seenAt = this.clock.now().toISOString();
    const about = { agreementId, agreementVersion, datasetId, consumerDepartment, principalId: id };
    await this.outbox.add(OverScopeDetected, { ...about, kind, limit, seenAt }, tx);
  }
}
