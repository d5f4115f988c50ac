import { AgreementRecord, type AgreementRecordV1 } from '@govbus/contracts';
import { Handles, Inbox } from '@govbus/messaging';
import { Changes, keepNewest } from '@govbus/platform';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { SubscriptionStops } from '../subscriptions/subscription-stops';
import { AgreementCopy } from './agreement.entity';
import { closeAgreement } from './agreement-lock';

/** Channel on which every process of the exchange hears that an agreement changed. */
export const AGREEMENTS_CHANGED = 'agreements';

@Controller()
export class AgreementConsumer {
  constructor(
    private readonly inbox: Inbox,
    private readonly stops: SubscriptionStops,
  ) {}

  @Handles(AgreementRecord)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(AgreementRecord, message, async ({ data }, tx) => {
      await closeAgreement(data.agreementId, tx);
      if (!(await keepNewest(AgreementCopy, copyOf(data), tx))) return;
      if (data.status === 'in-force') await this.stops.resumeUnder(data.agreementId, tx);
      else await this.stops.stopUnder(data.agreementId, data.status, tx);
      await Changes.notify(AGREEMENTS_CHANGED, data.agreementId, tx);
    });
  }
}

const copyOf = (record: AgreementRecordV1): AgreementCopy => {
  const { agreementId, datasetId, providerDepartment, consumerDepartment, status, terms, version } = record;
  const about = { agreementId, datasetId, providerDepartment, consumerDepartment };
  return { ...about, status, terms, heldFor: null, version };
};
