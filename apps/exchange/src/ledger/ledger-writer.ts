import { isBadData, type RawMessage, SteppedBack } from '@govbus/messaging';
import {
  Audit,
  Changes,
  Clock,
  LOGGER,
  type Logger,
  type NewAuditEntry,
  Principals,
  serviceActor,
} from '@govbus/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Datasets } from '../datasets/datasets';
import { keyAt } from '../datasets/pointer';
import { maxKeyBytes } from '../ingest/acceptance';
import { type LedgerEvent, readBusMessage, Unreadable } from './bus-message';
import { Chunks } from './chunks';
import type { Part } from './gathering';
import { firstsOf, newestOf, place, publicationsOf, removalsOf } from './ledger.rules';
import * as sql from './ledger.sql';
import { LedgerOrigin } from './ledger-origin';
import { LedgerPeriods } from './ledger-periods';
import { periodOfBatch } from './ledger-periods.rules';

/** Channel on which every process hears that a dataset has new events. */
export const LEDGER_GREW = 'ledger';

/** Writes batches of `bus.events` into the ledger, each in one transaction with its consumed offset. */
@Injectable()
export class LedgerWriter {
  constructor(
    private readonly db: DataSource,
    private readonly datasets: Datasets,
    private readonly periods: LedgerPeriods,
    private readonly principals: Principals,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly origin: LedgerOrigin,
  ) {}

  /** The next offset to read of a partition; undefined when none was read yet. */
  async nextOffset(topic: string, partition: number): Promise<bigint | undefined> {
    const rows = await this.db.query<{ next_offset: string }[]>(
      'SELECT next_offset FROM kafka_offsets WHERE topic = $1 AND partition = $2',
      [topic, partition],
    );
    return rows[0] && BigInt(rows[0].next_offset);
  }

  /** Forgets how far a partition was read: Kafka lost it, and its messages are counted from the beginning again. */
  async startAnew(topic: string, partition: number): Promise<void> {
    await this.db.query('DELETE FROM kafka_offsets WHERE topic = $1 AND partition = $2', [topic, partition]);
  }

  /** Writes `messages` of one partition, as `writeAll` does. */
  write(topic: string, partition: number, messages: RawMessage[]): Promise<void> {
    return this.writeAll(topic, [{ partition, messages }]);
  }

  /**
   * Writes parts of different partitions, each in its order. May run twice: what lies below the stored offset is skipped.
   * What PostgreSQL refuses as data is halved until the one message is found and set aside, so that nothing behind waits.
   *
   * Errors: `SteppedBack` when less is stored than a part's reader has written; those of PostgreSQL.
   */
  async writeAll(topic: string, parts: Part[]): Promise<void> {
    try {
      const current = await this.periods.current();
      await this.db.transaction((tx) => this.writeBatch(topic, parts, current, tx));
    } catch (error) {
      this.periods.forget();
      if (!isBadData(error)) throw error;
      const [part] = parts;
      const [only] = part?.messages ?? [];
      if (part && only && parts.length === 1 && part.messages.length === 1)
        return this.setAside(topic, part.partition, only, error);
      for (const half of halvesOf(parts)) await this.writeAll(topic, half);
    }
  }

  /**
   * Stores one message that was set aside, behind what is there by now; nothing happens if its event is known.
   *
   * Errors: `Unreadable` when it still is no event; those of PostgreSQL.
   */
  async writeSetAside(message: RawMessage, tx: EntityManager): Promise<void> {
    const texts = new Chunks();
    const { events, unreadable } = await this.readAll([message], texts);
    if (unreadable[0]) throw new Unreadable(unreadable[0].reason);
    await this.append(events, await this.periods.current(), tx);
    texts.giveBack();
  }

  private async writeBatch(topic: string, parts: Part[], current: string, tx: EntityManager): Promise<void> {
    const partitions = parts.map(({ partition }) => partition);
    const offsets = await sql.lockOffsets(topic, partitions, this.origin, tx);
    const all: LedgerEvent[] = [];
    const texts = new Chunks();
    const moved = new Map<number, bigint>();
    for (const { partition, messages, written } of parts) {
      const next = offsets.get(partition) ?? 0n;
      // What lies between was acknowledged, and would be passed over.
      if (written !== undefined && next < written) throw new SteppedBack();
      const fresh = messages.filter((message) => message.offset >= next);
      const last = fresh[fresh.length - 1];
      if (!last) continue;
      moved.set(partition, last.offset + 1n);
      const { events, unreadable } = await this.readAll(fresh, texts);
      await sql.keepUnreadable(topic, partition, unreadable, this.clock.now(), tx);
      if (unreadable.length > 0)
        this.logger.warn({ topic, partition, messages: unreadable.length }, 'messages set aside as unreadable');
      for (const event of events) all.push(event);
    }
    if (all.length > 0) await this.append(all, current, tx);
    await sql.moveOffsets(topic, moved, tx);
    texts.giveBack();
  }

  private async append(events: LedgerEvent[], current: string, tx: EntityManager): Promise<void> {
    await sql.expectCached(tx);
    const heads = await sql.lockHeads(
      events.map((event) => event.datasetId),
      tx,
    );
    const known = await sql.knownIds(events, tx);
    const { placed, conflicts, duplicates, heads: positions } = place(events, known, heads.positions);
    const period = periodOfBatch(current, heads.periods.values());
    await sql.insertEvents(placed, period, tx);
    await sql.beginPeriod(period, firstsOf(placed, period, heads.periods), tx);
    const removed = await sql.removeLatest(removalsOf(placed), tx);
    const records = await sql.upsertLatest(placed, tx);
    const conflicting = await sql.insertConflicts(conflicts, tx);
    await sql.countDuplicates(duplicates, tx);
    await sql.moveHeads({ positions, newest: newestOf(placed), records, removed, conflicts: conflicting }, tx);
    const entries = publicationsOf(placed).map((publication) => this.entryOf(publication));
    if (entries.length > 0) await this.audit.recordAll(entries, tx);
    await Changes.notifyAll(LEDGER_GREW, [...new Set(placed.map((event) => event.datasetId))], tx);
  }

  private async readAll(
    messages: RawMessage[],
    texts: Chunks,
  ): Promise<{ events: LedgerEvent[]; unreadable: sql.UnreadableRow[] }> {
    const events: LedgerEvent[] = [];
    const unreadable: sql.UnreadableRow[] = [];
    let unheardOf: string | undefined;
    const keyOf = (datasetId: string, data: object): string | null => {
      const dataset = this.datasets.get(datasetId);
      if (!dataset) unheardOf = datasetId;
      return dataset ? keyIn(data, dataset.copy.keyPointer) : null;
    };
    for (const message of messages)
      try {
        unheardOf = undefined;
        let event = readBusMessage(message, keyOf, texts);
        // This process has not heard of the dataset yet: once it has, the key is found.
        if (unheardOf !== undefined && (await this.datasets.find(unheardOf)))
          event = readBusMessage(message, keyOf, texts);
        events.push(event);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        unreadable.push({ ...message, reason: error.message });
      }
    return { events, unreadable };
  }

  private entryOf(publication: ReturnType<typeof publicationsOf>[number]): NewAuditEntry {
    const { datasetId, publisher, first, last, records, digest } = publication;
    const about = { outcome: 'done' as const, datasetId, positions: { first, last }, records, digest };
    // What was published is in the log already: a rebuild is an act of its own.
    if (this.origin.isRebuild)
      return { ...about, action: 'administer', operation: 'ledger:rebuild', actor: serviceActor('exchange') };
    const principal = this.principals.get(publisher);
    return {
      ...about,
      action: 'publish',
      operation: 'events:publish',
      actor: { id: publisher.slice(0, 100), kind: principal?.kind ?? 'system', department: principal?.departmentCode },
    };
  }

  private async setAside(topic: string, partition: number, message: RawMessage, cause: unknown): Promise<void> {
    const reason = `refused by the database: ${sqlState(cause) ?? 'unknown'}`;
    await this.db.transaction(async (tx) => {
      const offsets = await sql.lockOffsets(topic, [partition], this.origin, tx);
      if (message.offset < (offsets.get(partition) ?? 0n)) return;
      await sql.keepUnreadable(topic, partition, [{ ...message, reason }], this.clock.now(), tx);
      await sql.moveOffsets(topic, new Map([[partition, message.offset + 1n]]), tx);
    });
    this.logger.warn(
      { topic, partition, offset: message.offset.toString(), reason },
      'message set aside as unreadable',
    );
  }
}

function keyIn(data: object, keyPointer: string): string | null {
  const key = keyAt(data, keyPointer);
  return key !== undefined && !key.includes('\u0000') && Buffer.byteLength(key) <= maxKeyBytes ? key : null;
}

// Two halves: of the parts, or of the one part's messages.
function halvesOf(parts: Part[]): Part[][] {
  const [part] = parts;
  if (part && parts.length === 1) {
    const { messages } = part;
    const middle = Math.ceil(messages.length / 2);
    return [messages.slice(0, middle), messages.slice(middle)].map((half) => [{ ...part, messages: half }]);
  }
  const middle = Math.ceil(parts.length / 2);
  return [parts.slice(0, middle), parts.slice(middle)];
}

const sqlState = (error: unknown): string | undefined => (error as { code?: string } | null)?.code;
