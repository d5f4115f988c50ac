import { AgreementRecord } from '@govbus/contracts';
import { Handles, Inbox } from '@govbus/messaging';
import { Changes, keepNewest } from '@govbus/platform';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { intakeChanged } from '../intake/intake.rules';
import { Agreement } from './agreement.entity';

@Controller()
export class AgreementConsumer {
  constructor(private readonly inbox: Inbox) {}

  @Handles(AgreementRecord)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(AgreementRecord, message, async ({ data }, tx) => {
      const { agreementId, datasetId, consumerDepartment, status, terms, version } = data;
      const copy = { agreementId, datasetId, consumerDepartment, status, terms, version };
      const changed = await keepNewest(Agreement, copy, tx);
      if (changed) await Changes.notify(intakeChanged, datasetId, tx);
    });
  }
}
