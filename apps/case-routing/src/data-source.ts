import { Agreement } from './agreements/agreement.entity';
import { CaseRecord, CaseStep } from './cases/case.entity';
import { Dataset } from './datasets/dataset.entity';
import { DirectoryEntry, DispatchDirectory } from './directory/directory-entry.entity';
import { GridCell } from './grids/grid-cell.entity';
import { Intake } from './intake/intake.entity';
import { CreateCopies1796000000000 } from './migrations/1796000000000-create-copies';
import { CreateDirectory1796000001000 } from './migrations/1796000001000-create-directory';
import { CreateCases1796000002000 } from './migrations/1796000002000-create-cases';
import { DropHandledBy1796000003000 } from './migrations/1796000003000-drop-handled-by';
import { Unit } from './units/unit.entity';

/** Everything this service keeps. */
export const entities = [
  GridCell,
  Dataset,
  Agreement,
  Unit,
  DispatchDirectory,
  DirectoryEntry,
  CaseRecord,
  CaseStep,
  Intake,
];
/** By name and in order. */
export const migrations = [
  CreateCopies1796000000000,
  CreateDirectory1796000001000,
  CreateCases1796000002000,
  DropHandledBy1796000003000,
];
