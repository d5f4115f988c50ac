import { Conflict, DepartmentRecord, type DepartmentRecordV1, NotFound } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import { actorOf, Announced, assertIfMatch, Audit, type Caller, lockOrFail, readCursor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { insertIfNew } from '../insert-if-new';
import { Department } from './department.entity';
import type { DepartmentOrder, DepartmentsQuery } from './departments.dto';
import { changeStatus, isSuspendedAlready, refuseOwnSuspension, type RegistryMove } from './registry-status.rules';
import { holdSuspensions } from './suspensions';

@Injectable()
export class DepartmentsService {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly announced: Announced,
  ) {}

  create(order: DepartmentOrder, caller: Caller): Promise<Department> {
    return this.db.transaction(async (tx) => {
      const department = await this.insertIfNew(order, tx);
      if (!department)
        throw new Conflict('department.duplicate', `there is a department \`${order.departmentCode}\` already`);
      await this.record('create', department, caller, undefined, tx);
      return department;
    });
  }

  /** Inserts the department and publishes it; undefined, and nothing done, when its code is taken. */
  async insertIfNew({ departmentCode, names }: DepartmentOrder, tx: EntityManager): Promise<Department | undefined> {
    const department = tx.create(Department, { departmentCode, names, status: 'active', version: 1 });
    if (!(await insertIfNew(Department, department, tx))) return undefined;
    await this.outbox.add(DepartmentRecord, toRecord(department), tx);
    return department;
  }

  /** One row more than asked for, so that the caller sees whether there is a next page. */
  list({ limit, cursor, status }: DepartmentsQuery): Promise<Department[]> {
    const after = readCursor(cursor, 1);
    const rows = this.db.manager
      .createQueryBuilder(Department, 'd')
      .orderBy('d.departmentCode')
      .limit(limit + 1);
    if (after) rows.andWhere('d.departmentCode > :after', { after: String(after[0]) });
    if (status) rows.andWhere('d.status = :status', { status });
    return rows.getMany();
  }

  async show(departmentCode: string): Promise<Department> {
    const department = await this.db.manager.findOneBy(Department, { departmentCode });
    if (!department) throw new NotFound('department.unknown', `there is no department \`${departmentCode}\``);
    return department;
  }

  /**
   * Suspends or resumes; a suspension that stands already is answered with it as it is.
   *
   * Errors: `Unavailable` `registry.unannounced` for a suspension that is recorded and has not reached Kafka; `Conflict`
   *   `caller.suspended`.
   */
  async move(
    move: RegistryMove,
    departmentCode: string,
    reason: string,
    ifMatch: string | undefined,
    caller: Caller,
  ): Promise<Department> {
    const moved = await this.db.transaction(async (tx) => {
      await holdSuspensions(move, caller, tx);
      const department = await lockOrFail(Department, { departmentCode }, tx);
      if (isSuspendedAlready(move, department.status)) return department;
      assertIfMatch(ifMatch, department.version);
      refuseOwnSuspension(move, 'department', departmentCode, caller.department);
      Object.assign(department, changeStatus(move, 'department', departmentCode, department));
      await tx.save(department);
      await this.outbox.add(DepartmentRecord, toRecord(department), tx);
      await this.record(move, department, caller, reason, tx);
      return department;
    });
    if (move === 'suspend') await this.announced.wait(DepartmentRecord, toRecord(moved));
    return moved;
  }

  private record(
    verb: 'create' | RegistryMove,
    { departmentCode }: Department,
    caller: Caller,
    reason: string | undefined,
    tx: EntityManager,
  ): Promise<void> {
    return this.audit.record(
      {
        action: 'administer',
        operation: `departments:${verb}`,
        outcome: 'done',
        actor: actorOf(caller),
        entity: `department:${departmentCode}`,
        ...(reason !== undefined && { reason }),
      },
      tx,
    );
  }
}

const toRecord = ({ departmentCode, names, status, version }: Department): DepartmentRecordV1 => ({
  departmentCode,
  names,
  status,
  version,
});
