import { scopes } from '@govbus/contracts';
import { Audit, ConfigError, LOGGER, type Logger, readSecretFile, serviceActor } from '@govbus/platform';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig } from '../app.config';
import { CredentialsService } from '../credentials/credentials.service';
import { DepartmentsService } from '../departments/departments.service';
import { Principal } from '../principals/principal.entity';
import { PrincipalsService } from '../principals/principals.service';
import { Department } from '../departments/department.entity';

/** The client that makes every other one. */
export const adminId = 'govbus-admin';
const minSecretLength = 32;
// Of our own choice: `gov` and `bus` as letters on a telephone.
const bootstrapLock = 468_287;

/** Makes the bus's own department and its administrator at the start, once, whichever process comes first. */
@Injectable()
export class BootstrapService implements OnApplicationBootstrap {
  constructor(
    private readonly db: DataSource,
    private readonly config: AppConfig,
    private readonly departments: DepartmentsService,
    private readonly principals: PrincipalsService,
    private readonly credentials: CredentialsService,
    private readonly audit: Audit,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.run();
  }

  /** Safe to run again: it adds what is missing and takes over a changed secret, and undoes no suspension. */
  async run(): Promise<void> {
    const secret = readSecretFile('BOOTSTRAP_ADMIN_SECRET_FILE', this.config.BOOTSTRAP_ADMIN_SECRET_FILE);
    if (secret.length < minSecretLength)
      throw new ConfigError([`BOOTSTRAP_ADMIN_SECRET_FILE must hold at least ${minSecretLength} characters`]);
    const changed = await this.db.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [bootstrapLock]);
      const done = [await this.ensureDepartment(tx), await this.ensureAdmin(tx)];
      done.push(await this.credentials.setBootstrapSecret(adminId, secret, tx));
      if (!done.includes(true)) return false;
      await this.audit.record(
        {
          action: 'administer',
          operation: 'officers:bootstrap',
          outcome: 'done',
          actor: serviceActor('departments'),
          entity: `officer:${adminId}`,
        },
        tx,
      );
      return true;
    });
    if (changed) this.logger.info({ clientId: adminId }, 'administrator bootstrapped');
  }

  private async ensureDepartment(tx: EntityManager): Promise<boolean> {
    const departmentCode = this.config.BOOTSTRAP_DEPARTMENT_CODE;
    if (await tx.existsBy(Department, { departmentCode })) return false;
    const names = { en: 'Bus operator', zh: '总线运行部门' };
    return (await this.departments.insertIfNew({ departmentCode, names }, tx)) !== undefined;
  }

  private async ensureAdmin(tx: EntityManager): Promise<boolean> {
    const departmentCode = this.config.BOOTSTRAP_DEPARTMENT_CODE;
    const rights = { departmentCode, scopes: [...scopes], roles: ['admin'] };
    if (!(await tx.existsBy(Principal, { principalId: adminId }))) {
      const names = { en: 'Administrator', zh: '管理员' };
      await this.principals.insertIfNew({ principalId: adminId, kind: 'officer', names, ...rights }, tx);
      return true;
    }
    const admin = await this.principals.lock('officer', adminId, tx);
    if (admin.departmentCode === departmentCode && admin.scopes.join() === rights.scopes.join()) return false;
    await this.principals.save(admin, { ...rights, version: admin.version + 1 }, tx);
    return true;
  }
}
