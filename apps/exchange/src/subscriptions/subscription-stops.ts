import type { AgreementStatus } from '@govbus/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** What an agreement's changes do to its subscriptions, in the transaction of the change. */
@Injectable()
export class SubscriptionStops {
  async stopUnder(agreementId: string, status: AgreementStatus, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE subscriptions
          SET status_before_stop = CASE status WHEN 'stopped' THEN status_before_stop ELSE status END,
              status = 'stopped', stop_reason = $2, version = version + 1
        WHERE agreement_id = $1 AND (status <> 'stopped' OR stop_reason LIKE 'agreement.%')`,
      [agreementId, `agreement.${status}`],
    );
  }

  /** Puts what the agreement had stopped back to what it was; the owner's own stops stay. */
  async resumeUnder(agreementId: string, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE subscriptions
          SET status = coalesce(status_before_stop, 'active'), status_before_stop = NULL, stop_reason = NULL,
              failures = 0, next_attempt_at = NULL, last_error = NULL, version = version + 1
        WHERE agreement_id = $1 AND status = 'stopped' AND stop_reason LIKE 'agreement.%'`,
      [agreementId],
    );
    // What was denied for another reason, such as a period that had not begun, is tried anew under the new terms.
    await tx.query(
      `UPDATE subscriptions SET failures = 0, next_attempt_at = NULL
        WHERE agreement_id = $1 AND status = 'active' AND last_error LIKE 'decision.denied%'`,
      [agreementId],
    );
  }
}
