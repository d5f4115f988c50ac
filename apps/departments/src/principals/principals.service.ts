import {
  Conflict,
  Invalid,
  NotFound,
  type PrincipalKind,
  PrincipalRecord,
  type PrincipalRecordV1,
  type Scope,
} from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import { actorOf, Announced, assertIfMatch, Audit, type Caller, readCursor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { bootstrap } from '../bootstrap/bootstrap-id';
import { Department } from '../departments/department.entity';
import {
  changeStatus,
  isSuspendedAlready,
  refuseOwnSuspension,
  type RegistryMove,
} from '../departments/registry-status.rules';
import { holdSuspensions } from '../departments/suspensions';
import { insertIfNew } from '../insert-if-new';
import { Principal } from './principal.entity';
import type { PrincipalsQuery } from './principals.dto';

export type NewPrincipal = {
  principalId: string;
  kind: PrincipalKind;
  departmentCode: string;
  names: Record<string, string>;
  roles: string[];
  scopes: Scope[];
};

/** Systems and officers: one entity, told apart by `kind`; their ids share one namespace, that of the OAuth clients. */
@Injectable()
export class PrincipalsService {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly announced: Announced,
  ) {}

  create(order: NewPrincipal, caller: Caller): Promise<Principal> {
    const { kind, principalId, departmentCode } = order;
    return this.db.transaction(async (tx) => {
      const lock = { mode: 'pessimistic_read' as const };
      const department = await tx.findOne(Department, { where: { departmentCode }, lock });
      if (!department) throw new Invalid('department.unknown', `there is no department \`${departmentCode}\``);
      if (department.status !== 'active')
        throw new Conflict('department.suspended', `the department \`${departmentCode}\` is suspended`);
      const principal = principalId === bootstrap ? undefined : await this.insertIfNew(order, tx);
      if (!principal) throw new Conflict(`${kind}.duplicate`, `the id \`${principalId}\` is taken already`);
      await this.record(principal, 'create', caller, undefined, tx);
      return principal;
    });
  }

  /** Inserts the principal and publishes it; undefined, and nothing done, when its id is taken. */
  async insertIfNew(order: NewPrincipal, tx: EntityManager): Promise<Principal | undefined> {
    const principal = tx.create(Principal, { ...order, status: 'active', version: 1 });
    if (!(await insertIfNew(Principal, principal, tx))) return undefined;
    await this.outbox.add(PrincipalRecord, toRecord(principal), tx);
    return principal;
  }

  /** One row more than asked for, so that the caller sees whether there is a next page. */
  list(kind: PrincipalKind, { limit, cursor, status, departmentCode }: PrincipalsQuery): Promise<Principal[]> {
    const after = readCursor(cursor, 1);
    const rows = this.db.manager
      .createQueryBuilder(Principal, 'p')
      .where('p.kind = :kind', { kind })
      .orderBy('p.principalId')
      .limit(limit + 1);
    if (after) rows.andWhere('p.principalId > :after', { after: String(after[0]) });
    if (status) rows.andWhere('p.status = :status', { status });
    if (departmentCode) rows.andWhere('p.departmentCode = :departmentCode', { departmentCode });
    return rows.getMany();
  }

  async show(kind: PrincipalKind, principalId: string): Promise<Principal> {
    const principal = await this.db.manager.findOneBy(Principal, { kind, principalId });
    if (!principal) throw unknown(kind, principalId);
    return principal;
  }

  /** The principal, locked until the transaction ends. */
  async lock(kind: PrincipalKind, principalId: string, tx: EntityManager): Promise<Principal> {
    const lock = { mode: 'pessimistic_write' as const };
    const principal = await tx.findOne(Principal, { where: { kind, principalId }, lock });
    if (!principal) throw unknown(kind, principalId);
    return principal;
  }

  /**
   * Suspends or resumes; a suspension that stands already is answered with it as it is.
   *
   * Errors: `Unavailable` `registry.unannounced` for a suspension that is recorded and has not reached Kafka; `Conflict`
   *   `caller.suspended`.
   */
  async move(
    move: RegistryMove,
    kind: PrincipalKind,
    principalId: string,
    reason: string,
    ifMatch: string | undefined,
    caller: Caller,
  ): Promise<Principal> {
    const moved = await this.db.transaction(async (tx) => {
      await holdSuspensions(move, caller, tx);
      const principal = await this.lock(kind, principalId, tx);
      if (isSuspendedAlready(move, principal.status)) return principal;
      assertIfMatch(ifMatch, principal.version);
      refuseOwnSuspension(move, kind, principalId, caller.id);
      await this.save(principal, changeStatus(move, kind, principalId, principal), tx);
      await this.record(principal, move, caller, reason, tx);
      return principal;
    });
    if (move === 'suspend') await this.announced.wait(PrincipalRecord, toRecord(moved));
    return moved;
  }

  /** Saves a change of a locked principal and publishes it. */
  async save(principal: Principal, change: Partial<Principal> & { version: number }, tx: EntityManager): Promise<void> {
    Object.assign(principal, change);
    await tx.save(principal);
    await this.outbox.add(PrincipalRecord, toRecord(principal), tx);
  }

  private record(
    { kind, principalId }: Principal,
    verb: 'create' | RegistryMove,
    caller: Caller,
    reason: string | undefined,
    tx: EntityManager,
  ): Promise<void> {
    return this.audit.record(
      {
        action: 'administer',
        operation: `${kind}s:${verb}`,
        outcome: 'done',
        actor: actorOf(caller),
        entity: `${kind}:${principalId}`,
        ...(reason !== undefined && { reason }),
      },
      tx,
    );
  }
}

const unknown = (kind: PrincipalKind, id: string): NotFound =>
  new NotFound(`${kind}.unknown`, `there is no ${kind} \`${id}\``);

const toRecord = (principal: Principal): PrincipalRecordV1 => {
  const { principalId, kind, departmentCode, names, roles, status, version } = principal;
  return { principalId, kind, departmentCode, names, roles, status, version };
};
