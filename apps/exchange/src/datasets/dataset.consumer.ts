import { DatasetRecord, type DatasetRecordV1 } from '@govbus/contracts';
import { Handles, Inbox } from '@govbus/messaging';
import { Changes, keepNewest } from '@govbus/platform';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { DatasetCopy } from './dataset.entity';

/** Channel on which every process of the exchange hears that a dataset changed. */
export const DATASETS_CHANGED = 'datasets';

@Controller()
export class DatasetConsumer {
  constructor(private readonly inbox: Inbox) {}

  @Handles(DatasetRecord)
  apply(@Payload() message: unknown): Promise<void> {
    return this.inbox.process(DatasetRecord, message, async ({ data }, tx) => {
      if (await keepNewest(DatasetCopy, copyOf(data), tx)) await Changes.notify(DATASETS_CHANGED, data.datasetId, tx);
    });
  }
}

const copyOf = (record: DatasetRecordV1): DatasetCopy => {
  const { datasetId, responsibleDepartment, publishers, keyPointer, schemas, status, version } = record;
  const { dataSubjectPointer = null, retentionDays = null, legalHold = false } = record;
  const known = { datasetId, responsibleDepartment, publishers, keyPointer, schemas, status, version };
  return { ...known, dataSubjectPointer, retentionDays, legalHold };
};
