import { Conflict, Invalid } from '@govbus/contracts';
import { actorOf, Audit, type Caller, type PageQuery, Principals, readCursor } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { Unit } from './unit.entity';
import type { NewUnit } from './units.dto';

@Injectable()
export class Units {
  constructor(
    private readonly db: DataSource,
    private readonly principals: Principals,
    private readonly audit: Audit,
  ) {}

  async create({ unitId, departmentCode, names }: NewUnit, caller: Caller): Promise<Unit> {
    if (!this.principals.department(departmentCode))
      throw new Invalid('department.unknown', `there is no department \`${departmentCode}\``);
    return this.db.transaction(async (tx) => {
      const unit = { unitId, departmentCode, names, version: 1 };
      const { raw } = await tx
        .createQueryBuilder()
        .insert()
        .into(Unit)
        .values(unit)
        .orIgnore()
        .returning('unit_id')
        .execute();
      if (raw.length === 0) throw new Conflict('unit.duplicate', `unit \`${unitId}\` exists already`);
      await this.audit.record(
        {
          action: 'administer',
          operation: 'units:create',
          outcome: 'done',
          actor: actorOf(caller),
          entity: `unit:${unitId}`,
        },
        tx,
      );
      return tx.create(Unit, unit);
    });
  }

  /** One more than asked for, so that the page knows whether another follows. */
  list({ limit, cursor }: PageQuery): Promise<Unit[]> {
    const after = readCursor(cursor, 1)?.[0];
    return this.db.manager.find(Unit, {
      where: after === undefined ? {} : { unitId: MoreThan(String(after)) },
      order: { unitId: 'ASC' },
      take: limit + 1,
    });
  }
}
