import { AuditEntry } from './audit.entries';
import { CaseMoved, CaseOpened } from './cases.events';
import { AgreementRecord, DatasetRecord } from './catalog.registry';
import { DepartmentRecord, GridCellRecord, PrincipalRecord } from './departments.registry';
import { OverScopeDetected } from './exchange.events';

/** Every contract of the bus, for the reference, the samples and the checks over all of them. */
export const contracts = [
  DepartmentRecord,
  PrincipalRecord,
  GridCellRecord,
  DatasetRecord,
  AgreementRecord,
  AuditEntry,
  CaseOpened,
  CaseMoved,
  OverScopeDetected,
] as const;
