import { isDeepStrictEqual } from 'node:util';
import { Conflict, type Contract, Invalid, parseMessage, type Topic } from '@govbus/contracts';
import { type HeldRecord, newestRecords, Outbox, relayLock, renewIdentity } from '@govbus/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Audit, serviceActor } from './audit';
import { ServiceConfig } from './config';
import { asOnlyOne } from './database';
import { LOGGER, type Logger, logFunction } from './logger';
import { ServiceName } from './service-name';

type Versioned = { version: number };
type Snapshot = Versioned & { status: string };

/** A noun of a registry, as its owner brings it into line with what the topic holds. */
export type OwnedNoun<Row extends Versioned, Data extends Snapshot> = {
  contract: Contract<Data>;
  entity: new () => Row;
  /** The whole record of a row, as the service publishes it. */
  recordOf: (row: Row, tx: EntityManager) => Data | Promise<Data>;
  /** Gives the row what a record as new or newer says. What is stopped in one of the two MUST be stopped in the row. */
  takeBack: (row: Row, held: Data, tx: EntityManager) => void | Promise<void>;
  /** Takes in what the database does not know, and answers the record that is to stand from now on. */
  takeIn: (held: Data, tx: EntityManager) => Promise<Data>;
};

/** What is not as the backup had it: where it came from, and its status from now on. */
export type RestoredChange = { key: string; status: string; from: 'known' | 'unknown' };
export type Restored = {
  /** Records on the topic, by keys. */
  held: number;
  /** Rows in the database before. */
  rows: number;
  /** Rows whose version was raised above the topic's. */
  lifted: number;
  changes: RestoredChange[];
};

/** The restore of one noun, in the transaction of all of them; it takes the newest messages of the topic by their keys. */
export type NounRestore = (
  newest: Map<string, HeldRecord>,
  outbox: Outbox,
  tx: EntityManager,
) => Promise<Omit<Restored, 'held'>>;

/** Brings the rows of a noun into line with the topic, and adds the records of all of them to the outbox. */
export const restoreOf =
  <Row extends Versioned, Data extends Snapshot>(noun: OwnedNoun<Row, Data>): NounRestore =>
  async (newest, outbox, tx) => {
    const { contract, entity } = noun;
    const unknown = recordsOf(contract, newest);
    const changes: RestoredChange[] = [];
    const rows = await tx.find(entity, { lock: { mode: 'pessimistic_write' } });
    let lifted = 0;
    for (const row of rows) {
      const before = await noun.recordOf(row, tx);
      const key = contract.key(before);
      const held = unknown.get(key);
      unknown.delete(key);
      if (held && held.version >= row.version) {
        if (!isSame(before, held)) await noun.takeBack(row, held, tx);
        row.version = held.version + 1;
        await tx.save(row);
        lifted++;
      }
      const record = await noun.recordOf(row, tx);
      if (!isSame(before, record)) changes.push({ key, status: record.status, from: 'known' });
      await outbox.add(contract, record, tx);
    }
    for (const [key, held] of unknown) {
      const record = await noun.takeIn({ ...held, version: held.version + 1 }, tx);
      await outbox.add(contract, record, tx);
      changes.push({ key, status: record.status, from: 'unknown' });
    }
    return { rows: rows.length, lifted, changes };
  };

/**
 * The registry of an owner whose database was restored from a backup. The topic and everybody's copies are ahead of it, and
 * what it says would not be heard: a revocation would be answered and stop nobody (P5).
 *
 * The topic holds what this owner itself decided after the backup, so that counts, with a version above the topic's. What is
 * stopped on either side stays stopped. All of it is one transaction, and may run again.
 */
@Injectable()
export class RestoredRegistry {
  constructor(
    private readonly config: ServiceConfig,
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly service: ServiceName,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Shape: `nouns` in the order in which their rows refer to each other. The records wait in the outbox until the service
   *   starts.
   * Errors: `Conflict` `registry.in-use` while a process of the service moves the outbox; rejects, with nothing changed, when
   *   Kafka or the topic cannot be reached.
   */
  async run(topic: Topic, nouns: NounRestore[]): Promise<Restored> {
    const restored = await asOnlyOne(this.db, relayLock, () => this.restore(topic, nouns));
    if (!restored) throw new Conflict('registry.in-use', `\`${this.service.name}\` runs: stop all of its processes`);
    return restored;
  }

  private async restore(topic: Topic, nouns: NounRestore[]): Promise<Restored> {
    const { name } = this.service;
    const { brokers } = this.config;
    const newest = await newestRecords({ brokers, clientId: `${name}.restored`, topic, log: logFunction(this.logger) });
    return this.db.transaction(async (tx) => {
      const restored: Restored = { held: newest.size, rows: 0, lifted: 0, changes: [] };
      for (const restore of nouns) {
        const { rows, lifted, changes } = await restore(newest, this.outbox, tx);
        restored.rows += rows;
        restored.lifted += lifted;
        restored.changes.push(...changes);
      }
      await renewIdentity(tx);
      await this.record(restored, tx);
      return restored;
    });
  }

  private record({ rows, changes }: Restored, tx: EntityManager): Promise<void> {
    const actor = serviceActor(this.service.name);
    const act = { action: 'administer' as const, operation: 'registry:restore', outcome: 'done' as const, actor };
    const about = changes.map(({ key, status, from }) => ({
      ...act,
      entity: key.slice(0, 120),
      reason: from === 'known' ? `decided after the backup: ${status}` : `not in the backup: ${status} from now on`,
    }));
    return this.audit.recordAll([{ ...act, records: rows }, ...about], tx);
  }
}

// Those of one noun. What breaks its contract was parked by everybody when it came, and counts for nobody.
function recordsOf<Data extends object>(contract: Contract<Data>, newest: Map<string, HeldRecord>): Map<string, Data> {
  const found = new Map<string, Data>();
  for (const [key, message] of newest)
    try {
      if (message.type === contract.type) found.set(key, parseMessage(contract, message).data);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
    }
  return found;
}

// As JSON, apart from the version.
const isSame = (a: Versioned, b: Versioned): boolean => isDeepStrictEqual(plain(a), plain(b));
const plain = (record: Versioned): unknown => JSON.parse(JSON.stringify({ ...record, version: 0 }));
