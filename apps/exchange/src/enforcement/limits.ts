import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { grant, recordsLeft, type Wanted } from './limits.rules';
import { addUsage, lockUsage, readUsage } from './usage.sql';

type Use = { subscriptionId?: string; purpose: string; isContinued?: boolean };

/**
 * How much is used under an agreement, by all processes together. Agreements without limits cost nothing here.
 *
 * What was used is written at the end of the disclosure, so that readers of one agreement wait for each other's commit
 * and not for each other's reading.
 */
@Injectable()
export class Limits {
  /**
   * Most records that an access may have now; undefined when they are not limited.
   *
   * Errors: `Limited` `agreement.limit-reached`.
   */
  async left(agreement: AgreementCopy, use: Use, tx: EntityManager): Promise<number | undefined> {
    const { agreementId, datasetId, terms } = agreement;
    if (!terms.limits) return undefined;
    const { subscriptionId, purpose, isContinued } = use;
    const usage = await readUsage(agreementId, tx);
    const about = { agreementId, datasetId, subscriptionId, purpose };
    grant(terms.limits, usage, { accesses: isContinued ? 0 : 1, records: 1 }, about);
    return recordsLeft(terms.limits, usage);
  }

  /**
   * Counts an access; how many of its records it may have, which is fewer than wanted when others used them meanwhile.
   *
   * Errors: `Limited` `agreement.limit-reached`.
   */
  async take(agreement: AgreementCopy, use: Use, records: number, tx: EntityManager): Promise<number> {
    const { agreementId, datasetId, terms } = agreement;
    if (!terms.limits) return records;
    const { subscriptionId, purpose, isContinued } = use;
    const about = { agreementId, datasetId, subscriptionId, purpose };
    const wanted: Wanted = { accesses: isContinued ? 0 : 1, records };
    const granted = grant(terms.limits, await lockUsage(agreementId, tx), wanted, about);
    await addUsage(agreementId, { accesses: wanted.accesses, records: granted }, tx);
    return granted;
  }
}
