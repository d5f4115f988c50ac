import { randomUUID } from 'node:crypto';
import { Audit, createLogger, FixedClock, Principals } from '@govbus/platform';
import type { DataSource } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import { event, type Exchange } from '../exchange.int.spec';
import { digestOf } from './ledger.rules';
import { LedgerOrigin } from './ledger-origin';
import { LedgerPeriods } from './ledger-periods';
import { LedgerWriter } from './ledger-writer';

/** An event of this type is one that PostgreSQL refuses from now on, as data that cannot be kept. */
export const refusedType = 'spec.refused';
export async function refuseInDatabase(db: DataSource): Promise<void> {
  await db.query(`
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'data_exception'; END $$;
    CREATE OR REPLACE TRIGGER refused BEFORE INSERT ON events FOR EACH ROW
      WHEN (NEW.type = '${refusedType}') EXECUTE FUNCTION refuse()`);
}

/** Writes events into the ledger of an exchange as if it were another time. */
export class TimedWriter {
  readonly clock = new FixedClock(new Date('2031-01-15T00:00:00Z'));
  private readonly topic = `spec.${randomUUID()}`;
  private offset = 0n;
  private readonly writer: LedgerWriter;

  constructor({ app, db }: Exchange) {
    const periods = new LedgerPeriods(db, this.clock);
    const logger = createLogger('spec', 'silent');
    const [datasets, principals, audit] = [app.get(Datasets), app.get(Principals), app.get(Audit)];
    this.writer = new LedgerWriter(db, datasets, periods, principals, audit, this.clock, logger, new LedgerOrigin());
  }

  /** Each id is a record of its own, unless `over` says the key. */
  async write(time: string, datasetId: string, ids: string[], over: object = {}): Promise<void> {
    this.clock.set(new Date(time));
    const messages = ids.map((id) => {
      const recordedtime = this.clock.now().toISOString();
      const known = { publisher: 'spec', recordedtime, schemaversion: 1, digest: digestOf([id, JSON.stringify(over)]) };
      const value = Buffer.from(JSON.stringify({ ...event(datasetId, id, over), ...known }));
      return { offset: this.offset++, key: null, timestamp: 0, value };
    });
    await this.writer.write(this.topic, 0, messages);
  }
}

/**
 * Each event was written once. What is written again is not stored again, since its id is known; but it counts as a
 * duplicate, or as published twice. Neither may be: the place in Kafka moves with what was read up to it.
 */
export async function isWrittenOnce(exchange: Exchange, datasetId: string, events: number): Promise<void> {
  const duplicates = 'SELECT event_id, times FROM event_duplicates WHERE dataset_id = $1';
  expect(await exchange.db.query(duplicates, [datasetId])).toEqual([]);
  const published = (await exchange.entries(datasetId)).filter(({ action }) => action === 'publish');
  expect(published.reduce((sum, { records }) => sum + Number(records), 0)).toBe(events);
}
