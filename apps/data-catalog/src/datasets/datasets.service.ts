import { Conflict, DatasetRecord, Invalid, NotFound } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import {
  actorOf,
  Announced,
  assertIfMatch,
  Audit,
  type Caller,
  lockOrFail,
  Principals,
  readCursor,
} from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CatalogDecisions } from '../policy/catalog-decisions';
import { Dataset, SchemaVersion } from './dataset.entity';
import { datasetRecord, versionsOf } from './dataset-record';
import { refuseCleared } from './dataset.rules';
import type { DatasetChange, DatasetOrder, DatasetsQuery, LegalHoldOrder } from './datasets.dto';
import { checkCompatible } from './schema-compatibility.rules';
import { checkSchema, checkTogether } from './schema.rules';

@Injectable()
export class DatasetsService {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly principals: Principals,
    private readonly decisions: CatalogDecisions,
    private readonly announced: Announced,
  ) {}

  create({ schema, ...order }: DatasetOrder, caller: Caller): Promise<Dataset> {
    this.decisions.requireWrite(caller, order);
    if (!this.principals.department(order.responsibleDepartment))
      throw new Invalid('department.unknown', `there is no department \`${order.responsibleDepartment}\``);
    checkSchema(schema, pointersOf(order));
    return this.db.transaction(async (tx) => {
      const { dataSubjectPointer = null, caseMapping = null, retentionDays = null } = order;
      const optional = { dataSubjectPointer, caseMapping, retentionDays };
      const dataset = { ...order, ...optional, legalHold: false, status: 'active' as const, version: 1 };
      const insert = tx.createQueryBuilder().insert().into(Dataset).values(dataset).orIgnore().returning('*');
      const { raw } = await insert.execute();
      if (!Array.isArray(raw) || raw.length === 0)
        throw new Conflict('dataset.duplicate', `there is a dataset \`${order.datasetId}\` already`);
      await tx.save(SchemaVersion, { datasetId: order.datasetId, schemaVersion: 1, schema });
      return this.publish({ verb: 'create' }, Object.assign(new Dataset(), dataset), caller, tx);
    });
  }

  list({ limit, cursor, responsibleDepartment }: DatasetsQuery): Promise<Dataset[]> {
    const after = readCursor(cursor, 1);
    const rows = this.db.manager
      .createQueryBuilder(Dataset, 'd')
      .orderBy('d.datasetId')
      .limit(limit + 1);
    if (after) rows.andWhere('d.datasetId > :after', { after: String(after[0]) });
    if (responsibleDepartment)
      rows.andWhere('d.responsibleDepartment = :responsibleDepartment', { responsibleDepartment });
    return rows.getMany();
  }

  async show(datasetId: string): Promise<Dataset> {
    const dataset = await this.db.manager.findOneBy(Dataset, { datasetId });
    if (!dataset) throw new NotFound('dataset.unknown', `there is no dataset \`${datasetId}\``);
    return dataset;
  }

  change(datasetId: string, change: DatasetChange, ifMatch: string | undefined, caller: Caller): Promise<Dataset> {
    refuseCleared(change);
    return this.db.transaction(async (tx) => {
      const dataset = await this.lock(datasetId, caller, tx);
      assertIfMatch(ifMatch, dataset.version);
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      Object.assign(dataset, given, { version: dataset.version + 1 });
      if (change.caseMapping) {
        const newest = (await versionsOf(datasetId, tx)).at(-1);
        checkSchema(newest?.schema ?? {}, pointersOf(dataset));
      }
      await tx.save(dataset);
      return this.publish({ verb: 'change' }, dataset, caller, tx);
    });
  }

  /**
   * Sets or lifts the legal hold, with its reason in the audit log. What is so already is no change, and is answered as it
   * is.
   *
   * Errors: `Unavailable` `registry.unannounced` for a hold that is recorded and has not reached Kafka.
   */
  async hold(
    datasetId: string,
    { legalHold, reason }: LegalHoldOrder,
    ifMatch: string | undefined,
    caller: Caller,
  ): Promise<Dataset> {
    const held = await this.db.transaction(async (tx) => {
      const dataset = await this.lock(datasetId, caller, tx);
      if (dataset.legalHold === legalHold) return dataset;
      assertIfMatch(ifMatch, dataset.version);
      Object.assign(dataset, { legalHold, version: dataset.version + 1 });
      await tx.save(dataset);
      return this.publish({ verb: legalHold ? 'hold' : 'lift-hold', reason }, dataset, caller, tx);
    });
    // What is removed before the hold is known does not come back.
    if (legalHold) await this.announced.wait(DatasetRecord, await datasetRecord(held, this.db.manager));
    return held;
  }

  addSchema(datasetId: string, schema: Record<string, unknown>, caller: Caller): Promise<SchemaVersion> {
    return this.db.transaction(async (tx) => {
      const dataset = await this.lock(datasetId, caller, tx);
      checkSchema(schema, pointersOf(dataset));
      const known = await versionsOf(datasetId, tx);
      const newest = known.at(-1);
      if (newest) checkCompatible(newest.schema, schema);
      checkTogether([...known.map((version) => version.schema), schema]);
      const schemaVersion = known.length + 1;
      await tx.save(SchemaVersion, { datasetId, schemaVersion, schema });
      dataset.version++;
      await tx.save(dataset);
      await this.publish({ verb: 'add-schema' }, dataset, caller, tx);
      return { datasetId, schemaVersion, schema };
    });
  }

  async showSchema(datasetId: string, schemaVersion: number): Promise<SchemaVersion> {
    // The database refuses to compare what is no integer of its own.
    const isPossible = schemaVersion > 0 && schemaVersion < 2 ** 31;
    const found = isPossible && (await this.db.manager.findOneBy(SchemaVersion, { datasetId, schemaVersion }));
    if (!found) throw new NotFound('schema.unknown', `there is no schema ${schemaVersion} of \`${datasetId}\``);
    return found;
  }

  private async lock(datasetId: string, caller: Caller, tx: EntityManager): Promise<Dataset> {
    const dataset = await lockOrFail(Dataset, { datasetId }, tx);
    this.decisions.requireWrite(caller, dataset);
    return dataset;
  }

  private async publish(
    { verb, reason }: { verb: 'create' | 'change' | 'add-schema' | 'hold' | 'lift-hold'; reason?: string },
    dataset: Dataset,
    caller: Caller,
    tx: EntityManager,
  ): Promise<Dataset> {
    await this.outbox.add(DatasetRecord, await datasetRecord(dataset, tx), tx);
    await this.audit.record(
      {
        action: 'administer',
        operation: `datasets:${verb}`,
        outcome: 'done',
        actor: actorOf(caller),
        datasetId: dataset.datasetId,
        reason,
      },
      tx,
    );
    return dataset;
  }
}

type Described = Pick<Dataset, 'keyPointer' | 'fields'> & {
  dataSubjectPointer?: string | null;
  caseMapping?: Dataset['caseMapping'];
};
// Where a field is named, and which.
function pointersOf({ keyPointer, dataSubjectPointer, fields, caseMapping }: Described): Record<string, string> {
  const mapped = Object.entries(caseMapping ?? {}).filter(([name, value]) => name !== 'gridId' && value !== undefined);
  return {
    '/keyPointer': keyPointer,
    ...(dataSubjectPointer && { '/dataSubjectPointer': dataSubjectPointer }),
    ...Object.fromEntries(fields.map(({ pointer }, i) => [`/fields/${i}/pointer`, pointer])),
    ...Object.fromEntries(mapped.map(([name, pointer]) => [`/caseMapping/${name}`, String(pointer)])),
  };
}
