import type { CaseChangedV1, CaseStatus } from '@govbus/contracts';
import type { CaseRecord } from './case.entity';

/** What the bus is told of a case: no summary, no place but the cell. */
export function changeOf(matter: CaseRecord, previousStatus?: CaseStatus): CaseChangedV1 {
  const { caseId, datasetId, position, category, status, cellId, unitId, dueAt, version } = matter;
  return {
    caseId,
    datasetId,
    position,
    category,
    status,
    ...(previousStatus && { previousStatus }),
    ...(cellId && { cellId }),
    ...(unitId && { unitId }),
    ...(dueAt && { dueAt: dueAt.toISOString() }),
    version,
  };
}
