import { Credential } from './credentials/credential.entity';
import { Department } from './departments/department.entity';
import { Grid } from './grids/grid.entity';
import { GridCell } from './grids/grid-cell.entity';
import { CreateRegistry1796000000000 } from './migrations/1796000000000-create-registry';
import { CreateGrids1796000000001 } from './migrations/1796000000001-create-grids';
import { CreateOidcArtifacts1796000000002 } from './migrations/1796000000002-create-oidc-artifacts';
import { Principal } from './principals/principal.entity';

export const entities = [Credential, Department, Grid, GridCell, Principal];
export const migrations = [CreateRegistry1796000000000, CreateGrids1796000000001, CreateOidcArtifacts1796000000002];
