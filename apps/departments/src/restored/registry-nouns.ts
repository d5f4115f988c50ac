import { DepartmentRecord, GridCellRecord, PrincipalRecord, type RegistryStatus } from '@govbus/contracts';
import { type NounRestore, restoreOf } from '@govbus/platform';
import type { AppConfig } from '../app.config';
import { adminId } from '../bootstrap/bootstrap.service';
import { Department } from '../departments/department.entity';
import { Grid } from '../grids/grid.entity';
import { GridCell } from '../grids/grid-cell.entity';
import { insertIfNew } from '../insert-if-new';
import { Principal } from '../principals/principal.entity';

// A suspension stands, on whichever side it is.
const statusOf = (own: RegistryStatus, held: RegistryStatus): RegistryStatus =>
  own === 'suspended' ? 'suspended' : held;

/** Those that are not in the backup are suspended until somebody has looked at them; not the bus's own, who has to look. */
const departmentsOf = (ownCode: string): NounRestore =>
  restoreOf({
    contract: DepartmentRecord,
    entity: Department,
    recordOf: (department) => ({ ...department }),
    takeBack: (department, { names, status }) => {
      Object.assign(department, { names, status: statusOf(department.status, status) });
    },
    takeIn: async (held, tx) => {
      const status = held.departmentCode === ownCode ? held.status : 'suspended';
      await tx.insert(Department, { ...held, status });
      return { ...held, status };
    },
  });

const principals = restoreOf({
  contract: PrincipalRecord,
  entity: Principal,
  recordOf: ({ scopes: _, ...principal }) => principal,
  takeBack: (principal, { departmentCode, names, roles, status }) => {
    Object.assign(principal, { departmentCode, names, roles, status: statusOf(principal.status, status) });
  },
  // Its scopes and credentials are on no topic: it has to be registered again. The bootstrap does so for the administrator.
  takeIn: async (held, tx) => {
    if (held.principalId !== adminId) return { ...held, status: 'suspended' as const };
    await tx.insert(Principal, { ...held, scopes: [] });
    return held;
  },
});

// Of names and geometry; none, so that the next import compares nothing and gives the cell its own.
const noDigest = '';
/** Cells give nobody a right: they come back as they were. */
const gridCells = restoreOf({
  contract: GridCellRecord,
  entity: GridCell,
  recordOf: ({ digest: _, ...cell }) => cell,
  takeBack: (cell, { names, geometry, status }) => {
    Object.assign(cell, { names, geometry, status, digest: noDigest });
  },
  takeIn: async (held, tx) => {
    const { gridId } = held;
    // Its own names are on no topic.
    await insertIfNew(Grid, { gridId, names: { en: gridId }, version: 1 }, tx);
    await tx.save(Object.assign(new GridCell(), held, { digest: noDigest }));
    return held;
  },
});

/** What `departments.registry` tells of: departments first, because principals refer to them. */
export const registryNouns = ({ BOOTSTRAP_DEPARTMENT_CODE }: AppConfig): NounRestore[] => [
  departmentsOf(BOOTSTRAP_DEPARTMENT_CODE),
  principals,
  gridCells,
];
