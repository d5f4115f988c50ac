import { creditCodeCheck, IsDepartmentCode } from '@govbus/contracts';
import { ServiceConfig } from '@govbus/platform';
import { IsString } from 'class-validator';

// Government body (1), organ (1), no area, and a body number that no register gives out.
const busOperator = '1100000000000GBUX';

/** Settings of departments. */
export class AppConfig extends ServiceConfig {
  /** File with a private JWKS of EC P-256 keys: the first signs, all are published. */
  @IsString() ISSUER_KEYS_FILE: string;
  /** File with the secret of the client `govbus-admin`; a changed file replaces the old secret at the next start. */
  @IsString() BOOTSTRAP_ADMIN_SECRET_FILE: string;
  /** The department that runs the bus and that `govbus-admin` belongs to. */
  @IsDepartmentCode() BOOTSTRAP_DEPARTMENT_CODE = busOperator + creditCodeCheck(busOperator);
}
