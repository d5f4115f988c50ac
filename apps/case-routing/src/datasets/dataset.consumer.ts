import { DatasetRecord } from '@govbus/contracts';
import { Handles, Inbox } from '@govbus/messaging';
import { Changes, keepNewest } from '@govbus/platform';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { intakeChanged } from '../intake/intake.rules';
import { Dataset } from './dataset.entity';

@Controller()
export class DatasetConsumer {
  constructor(private readonly inbox: Inbox) {}

  @Handles(DatasetRecord)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(DatasetRecord, message, async ({ data }, tx) => {
      const { datasetId, keyPointer, status, version } = data;
      const copy = { datasetId, keyPointer, caseMapping: data.caseMapping ?? null, status, version };
      const changed = await keepNewest(Dataset, copy, tx);
      if (changed) await Changes.notify(intakeChanged, datasetId, tx);
    });
  }
}
