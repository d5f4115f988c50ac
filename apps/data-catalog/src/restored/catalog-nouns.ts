import { AgreementRecord, DatasetRecord, type DatasetRecordV1 } from '@govbus/contracts';
import { type NounRestore, restoreOf } from '@govbus/platform';
import type { EntityManager } from 'typeorm';
import { Agreement } from '../agreements/agreement.entity';
import { Dataset, SchemaVersion } from '../datasets/dataset.entity';
import { datasetRecord } from '../datasets/dataset-record';
import { agreementStatus, datasetStops, unknownAgreementStatus } from './restored.rules';

const datasets = restoreOf({
  contract: DatasetRecord,
  entity: Dataset,
  recordOf: datasetRecord,
  takeBack: async (dataset, held, tx) => {
    Object.assign(dataset, columnsOf(held), datasetStops(dataset, held));
    await addSchemas(held, tx);
  },
  takeIn: async (held, tx) => {
    const dataset = Object.assign(new Dataset(), columnsOf(held), { status: 'retired' as const });
    await tx.insert(Dataset, dataset);
    await addSchemas(held, tx);
    return datasetRecord(dataset, tx);
  },
});

const agreements = restoreOf({
  contract: AgreementRecord,
  entity: Agreement,
  recordOf: (agreement) => ({ ...agreement }),
  // All else never changes.
  takeBack: (agreement, held) => {
    agreement.status = agreementStatus(agreement.status, held.status);
  },
  takeIn: async (held, tx) => {
    const agreement = { ...held, status: unknownAgreementStatus(held.status) };
    await tx.insert(Agreement, { ...agreement, terms: { ...held.terms } });
    return agreement;
  },
});

/** What `catalog.registry` tells of: datasets first, because agreements refer to them. */
export const catalogNouns: NounRestore[] = [datasets, agreements];

function columnsOf({ schemas: _, ...held }: DatasetRecordV1): Dataset {
  const { dataSubjectPointer = null, caseMapping = null, retentionDays = null, legalHold = false } = held;
  return { ...held, dataSubjectPointer, caseMapping, retentionDays, legalHold };
}

// A schema version never changes once it is there.
async function addSchemas({ datasetId, schemas }: DatasetRecordV1, tx: EntityManager): Promise<void> {
  for (const { schemaVersion, schema } of schemas)
    if (!(await tx.existsBy(SchemaVersion, { datasetId, schemaVersion })))
      await tx.save(SchemaVersion, { datasetId, schemaVersion, schema });
}
