import type { DatasetRecordV1 } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
import { type Dataset, SchemaVersion } from './dataset.entity';

export const versionsOf = (datasetId: string, tx: EntityManager): Promise<SchemaVersion[]> =>
  tx.find(SchemaVersion, { where: { datasetId }, order: { schemaVersion: 'ASC' } });

/** The whole record of a dataset, as the registry tells of it. */
export async function datasetRecord(dataset: Dataset, tx: EntityManager): Promise<DatasetRecordV1> {
  const { datasetId, dataSubjectPointer, caseMapping, retentionDays, ...rest } = dataset;
  const versions = await versionsOf(datasetId, tx);
  const schemas = versions.map(({ schemaVersion, schema }) => ({ schemaVersion, schema }));
  const optional = {
    ...(dataSubjectPointer && { dataSubjectPointer }),
    ...(caseMapping && { caseMapping }),
    ...(retentionDays && { retentionDays }),
  };
  return { datasetId, ...rest, ...optional, schemas };
}
